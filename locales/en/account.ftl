### Words of the account pages.

account-navigation = Your account
account-nav-overview = Overview
account-nav-profile = Profile
account-nav-email = E-mail
account-nav-password = Password
account-nav-security = Security
account-nav-sessions = Sessions
account-nav-apps = Apps
account-title = Your account
account-heading = Your account
account-hello = Hello, { $name }
account-since = Here since { $day }
account-verified = Confirmed
account-unverified = Not confirmed
account-change = Change
account-look = Show
account-password-changed = Changed on { $day }
account-password-set = Set
account-sessions-count = { $count ->
    [one] One session
   *[other] { $count } sessions
}
account-apps-count = { $count ->
    [0] No apps
    [one] One app with access
   *[other] { $count } apps with access
}
account-logout = Log out
account-delete = Delete account

change-password-title = Change password
change-password-lead = You stay logged in here and are logged out everywhere else.
change-password-submit = Change password

change-email-title = Change e-mail address
change-email-lead = Your address is { $email }. It changes once you have confirmed the new one; the old one gets a notice.
change-email-pending = Waiting for your confirmation
change-email-submit = Send confirmation
change-email-code-submit = Confirm address
change-email-cancel = Keep the old address
confirm-email-title = Confirm your new address
confirm-email-lead = Confirm that your account shall use the address this message was sent to.
confirm-email-lead-address = Your account will use { $email } from now on.
confirm-email-submit = Confirm address
email-done-title = Address changed
email-done-lead = Use your new address the next time you log in.
email-done-account = To your account

sessions-title = Sessions
sessions-lead = Where you are logged in. End what you do not recognise, and change your password.
sessions-current = This session
sessions-seen = Last seen
sessions-started = since
sessions-end = End
sessions-end-others = End all others
device-unknown = Unknown device

apps-title = Apps with access
apps-lead = What you allowed. Withdrawing ends an app’s access at once.
apps-none = No app has access to your account.
apps-since = Since
apps-used = last used
apps-withdraw = Withdraw

profile-title = Profile
profile-lead = Apps see this only if you allow them to.
profile-submit = Save

delete-title = Delete account
delete-lead = This deletes the account { $email } for good.
delete-what-sessions = You are logged out everywhere, and every app loses its access.
delete-what-profile = Your profile is erased.
delete-what-kept = Law wants the record of your verification, and of what was decided about it, kept until { $day }: it stays locked and encrypted, nobody uses it for anything else, and then it is destroyed.
delete-what-assets = Accounts and funds at the apps are not touched: settle those with them first.
delete-confirm = I understand that this cannot be undone.
delete-submit = Delete account
delete-cancel = Keep account
deleted-title = Your account is deleted
deleted-lead = We have sent you a last message to confirm it.

hold-title = Withdrawals are on hold.
hold-text = Until { $until }, another { $left }, apps are told not to move money out, so that you have time to notice what you did not do. Nobody can shorten this.

freeze-title = Freeze your account
freeze-lead = Use this when somebody else may be in your account.
freeze-what-sessions = You are logged out everywhere, and every app loses its access.
freeze-what-log-in = Nobody can log in, not even with the right password.
freeze-what-back = To unfreeze it you need your mailbox, your password and what else you log in with. Withdrawals then stay on hold for a while.
freeze-submit = Freeze account now
freeze-cancel = Do not freeze
frozen-title = Your account is frozen
frozen-lead = Everybody is logged out, and every app has lost its access. We have sent you a message about it.
frozen-back = Everything all right again?
frozen-login = Log in to unfreeze
still-frozen-lead = You or somebody with one of our messages to you froze it on { $since }. Nobody can log in until you unfreeze it.
still-frozen-mailed = We have sent you a message with a link to unfreeze it. Open the link in this browser.
still-frozen-password = Somebody knows your password? Choose a new one first
unfreeze-title = Unfreeze your account
unfreeze-lead = Next you log in as usual, in this browser and within 15 minutes. With that your account is unfrozen.
unfreeze-hold = Withdrawals stay on hold for a while after that.
unfreeze-submit = Go on to the log-in
