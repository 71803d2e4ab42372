### Words of log-ins that wait for an approval, of remembered browsers, and of the way back for who lost every second factor.

waits-title = Check your mail
waits-lead = This browser is new to us. We have sent you a message: approve the log-in there, and this page goes on by itself.
waits-network = Open the link on the same network as this browser. It works for 20 minutes.
waits-look = Look again
waits-anew = Begin again
approve-title = Approve a log-in
approve-lead = Somebody with your password and everything else that is asked for is logging in. Is it you?
approve-caution = If you are not logging in right now, close this page, freeze your account by the link in the message, and choose a new password.
approve-submit = Yes, that is me
approved-title = Approved
approved-lead = The log-in goes on in the browser that waits for it.
error-approval-elsewhere = This link works only on the network that the log-in comes from.
mail-approve-subject = Approve a log-in to { $brand }
mail-approve-text = Someone is logging in to your { $brand } account from a browser we have not seen before.
mail-approve-you = If it is you, approve it:
mail-approve-button = Look at the log-in
mail-approve-not-you = If it is not you, do not open that link. Your password is known to somebody else: choose a new one.

remember-browser = { $days ->
    [one] Do not ask for this in this browser for one day
   *[other] Do not ask for this in this browser for { $days } days
}

lost-link = I have lost all of these
lost-title = Lost what you log in with?
lost-lead = { $hours ->
    [one] You can remove it from your account after waiting for one hour.
   *[other] You can remove it from your account after waiting for { $hours } hours.
}
lost-what-told = We tell you by mail when the wait begins, every day, and when it is over.
lost-what-stopped = One click in any of these messages stops it, and so does logging in as usual.
lost-what-hold = Afterwards withdrawals are on hold for a while.
lost-submit = Send me a link to begin
lost-back = Try again to log in
lost-sent-title = Check your mail
lost-sent-lead = We have sent you a link with which the wait begins.
recovery-start-title = Recover your account
recovery-start-lead = { $hours ->
    [one] This begins a wait of one hour. After it you can remove every passkey, app, phone and recovery code from your account.
   *[other] This begins a wait of { $hours } hours. After it you can remove every passkey, app, phone and recovery code from your account.
}
recovery-start-submit = Begin to wait
recovery-begun-title = The wait has begun
recovery-begun-lead = On { $ripe } we send you a link with which you remove what you have lost.
recovery-cancel-title = Stop the recovery
recovery-cancel-lead = Somebody with your password wants to remove what protects your account. Stop it here.
recovery-cancel-submit = Stop it
recovery-cancelled-title = The recovery is stopped
recovery-cancelled-lead = Your account stays as it is. If it was not you who began it, somebody knows your password and reads your mail: change both.
recovery-finish-title = Remove what you have lost
recovery-finish-lead = This removes every passkey, app, phone and recovery code from your account and logs everybody out. Then log in with your password and add new ones.
recovery-finish-submit = Remove all
recovery-banner = Somebody is recovering this account as if everything it is protected with were lost. On { $ripe } it can be removed.
notice-recovery-cancelled = The recovery is stopped.
notice-log-in-to-enrol = It is removed. Log in now, and add a passkey or an app.
mail-recovery-cancelled = The recovery of your account was stopped. It stays as it is.
mail-recovered = Every passkey, app, phone and recovery code of your account was removed, because they were said to be lost.
mail-recovery-asked-subject = Recover your { $brand } account
mail-recovery-asked-text = Someone who knows your password says that everything else your { $brand } account is protected with is lost. If it was you, begin here:
mail-recovery-asked-not-you = If it was not you, do not open that link. Your password is known to somebody else: choose a new one.
mail-recovery-runs-subject = Your { $brand } account is being recovered
mail-recovery-runs-text = Since { $began } somebody with your password waits to remove every passkey, app, phone and recovery code from your { $brand } account. That can be done from { $ripe }.
mail-recovery-runs-not-you = If it was not you, stop it with one click:
mail-recovery-runs-finish = If it was you, the wait is over:
