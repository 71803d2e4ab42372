### Words of the security page and of what protects an account beside its authenticators.

security-title = Security
security-back = Back to security
security-badge-weak = Weak
security-badge-fair = Fair
security-badge-good = Good
security-badge-strong = Strong
security-verdict-weak = Only your password protects this account. Whoever learns it is in.
security-verdict-fair = Text messages can be intercepted or moved to another phone. Better than nothing, and not good enough for money.
security-verdict-good = A code from your app is asked for as well. A page that imitates this one could still trick you out of it.
security-verdict-strong = You log in with a passkey, which works on this site only. Use it whenever you can: a page that imitates this one can still ask for your password and code.
security-next-passkey = A passkey is quicker than a password and cannot be phished.
security-next-link-passkey = Add a passkey
security-next-recovery-codes = You have no way back if you lose what you log in with. Recovery codes are one.
security-next-link-recovery-codes = Make recovery codes
security-next-second-passkey = Your only passkey is on one device. Add another, so that losing the device does not lock you out.
security-next-link-second-passkey = Add another passkey
security-next-phrase = A phrase of your own in every message of ours shows you which are real.
security-next-link-phrase = Choose a phrase
security-lock-on = Your settings are locked.
security-unlocking = Your settings are being unlocked: on { $until }, in { $left }.
security-factors = How you log in
security-recovery-codes = Recovery codes
security-recovery-codes-none = None
security-recovery-codes-left = { $count ->
    [0] All used
    [one] One left
   *[other] { $count } left
}
security-make = Make some
security-add = Add:
security-more = More protection
security-phrase = Phrase in our messages
security-phrase-set = Set
security-phrase-none = None
security-choose = Choose
security-approval = Approve log-ins from new browsers by mail
security-approval-off = Off
security-approval-on = On
security-approval-always = On, for everybody
security-switch-on = Switch on
security-switch-off = Switch off
security-devices = Browsers we know
security-devices-count = { $count ->
    [0] None
    [one] One browser
   *[other] { $count } browsers
}
security-sessions = Where you are logged in
security-lock = Settings lock
security-lock-open = Off
security-lock-locked = On
security-lock-waiting = Being unlocked
security-events = What happened lately
security-events-all = Show more
security-events-lead = Do you miss something, or not recognise it? Change your password, or freeze your account.
security-holds = Holds on withdrawals
security-hold-span = { $began } to { $ends }
security-freeze = Freeze account
security-freeze-why = Logs everybody out at once, and lets nobody in.

factor-kind-passkey = Passkey
factor-kind-totp = Authenticator app
factor-kind-phone = Phone
factor-synced = Synced between devices
factor-bound = On one device
factor-used = Last used
factor-added = Added on { $day }
factor-title = Way to log in
factor-name = Name
factor-rename = Save name
factor-remove-title = Remove it
factor-remove-last = This is your last one. Without it only the password protects your account.
factor-remove-sessions = You stay logged in here and are logged out everywhere else.
factor-remove-hold = Withdrawals are on hold for a while, and we tell you by mail.
factor-remove = Remove

phrase-title = Phrase in our messages
phrase-lead = Every mail about your account shows this phrase. Text messages, and mails to an address that is not yours yet, do not.
phrase-now = Your phrase:
phrase-field = New phrase
phrase-hint = Up to 40 characters. Something that you recognise at a glance, and no password.
phrase-submit = Save phrase
phrase-remove = Remove phrase

lock-title = Settings lock
lock-lead = Keeps how you log in as it is, even against somebody who has got into your account.
lock-what-changes = While it is on, nobody changes password, address, phrase or what you log in with. You neither.
lock-what-delay = Unlocking takes as many days as you choose. We tell you when it begins, and one click stops it.
lock-what-nobody = Nobody can shorten it, our support neither.
lock-what-reset = A password that you have forgotten can still be reset by mail.
lock-days = Days to unlock
lock-days-hint = 1 to 30
lock-submit = Lock settings
lock-now = { $days ->
    [one] Your settings are locked. Unlocking them takes one day.
   *[other] Your settings are locked. Unlocking them takes { $days } days.
}
lock-unlock = Begin to unlock
lock-keep = Keep locked
lock-keep-title = Keep your settings locked
lock-keep-lead = Somebody began to unlock the settings of your account. Stop it here.
lock-kept-title = Your settings stay locked
lock-kept-lead = If it was not you who wanted to unlock them, choose a new password by mail: that works while they are locked, and logs everybody out.

devices-title = Browsers we know
devices-lead = Where you have logged in before. A log-in from any other browser is told to you by mail.
devices-current = This browser
devices-trusted = No second factor asked
devices-trusted-until = Until { $until }
devices-forget = Forget
devices-forget-all = Forget all

event-registered = Account created
event-logged-in = Logged in
event-logged-out = Logged out
event-stepped-up = Confirmed with another factor
event-session-ended = Sessions ended
event-password-changed = Password changed
event-password-reset = Password reset by mail
event-email-changed = E-mail address changed
event-authenticator-added = Added a way to log in
event-authenticator-removed = Removed a way to log in
event-authenticator-renamed = Renamed a way to log in
event-authenticator-refused = A way to log in was refused
event-recovery-codes-made = Recovery codes made
event-recovery-code-used = Recovery code used
event-consent-given = App allowed
event-consent-withdrawn = App’s access withdrawn
event-locked = Account locked by support
event-unlocked = Account unlocked by support
event-frozen = Account frozen
event-unfrozen = Account unfrozen
event-phrase-changed = Phrase changed
event-devices-forgotten = Known browsers forgotten
event-device-trusted = Browser remembered
event-settings-locked = Settings locked
event-settings-unlocking = Unlocking of the settings begun
event-settings-kept-locked = Unlocking of the settings stopped
event-approval-switched = Approval of new browsers switched
event-log-in-approved = Log-in approved by mail
event-recovery-begun = Recovery begun
event-recovery-cancelled = Recovery cancelled
event-recovered = Lost ways to log in removed

hold-cause-password_changed = Password changed
hold-cause-password_reset = Password reset by mail
hold-cause-password_reset_elsewhere = Password reset from an unknown browser
hold-cause-factor_removed = A way to log in removed or replaced
hold-cause-first_factor = First way to log in added
hold-cause-email_changed = E-mail address changed
hold-cause-phone_changed = Phone changed
hold-cause-unfrozen = Account unfrozen
hold-cause-recovered = Lost ways to log in removed
hold-cause-by_operator = Begun by us for safety

error-phrase-required = Enter a phrase.
error-lock-days-invalid = Choose from 1 to 30 days.
error-settings-locked = Your settings are locked. Unlock them first on the security page.

notice-factor-renamed = The name is saved.
notice-factor-removed = It is removed. You are logged out everywhere else.
notice-phrase-changed = Your phrase is saved.
notice-phrase-removed = Your phrase is removed.
notice-settings-locked = Your settings are locked.
notice-devices-forgotten = Forgotten.
notice-approval-on = From now on, log-ins from new browsers wait for your approval.
notice-approval-off = Log-ins from new browsers do not wait any more.

mail-phrase-chosen = A phrase for our messages was chosen.
mail-phrase-removed = The phrase for our messages was removed.
mail-settings-locked = The settings of your account were locked.
mail-settings-kept-locked = The unlocking of your settings was stopped. They stay locked.
mail-approval-on = From now on, log-ins from new browsers wait for your approval by mail.
mail-approval-off = Log-ins from new browsers do not wait for your approval by mail any more.

mail-unlock-begun-subject = The settings of your { $brand } account are being unlocked
mail-unlock-begun-text = Someone began to unlock the settings of your { $brand } account. On { $until } they are open for changes.
mail-unlock-begun-stop = If it was not you, stop it:
mail-unlock-begun-button = Keep settings locked
