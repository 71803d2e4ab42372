### Words of second factors: asking for them and adding them.

field-recovery-code = Recovery code
field-authenticator-name = Name

mfa-why-login = One more step to log in.
mfa-why-app = { $app } asks you to confirm that it is you.
mfa-why-confirm = Confirm that it is you before you change what protects your account.
mfa-submit = Continue
mfa-others = Another way
mfa-way-passkey = Use a passkey
mfa-way-totp = Use your authenticator app
mfa-way-sms = Get a code by SMS
mfa-way-recovery = Use a recovery code
mfa-way-password = Use your password
mfa-totp-title = Code from your app
mfa-totp-hint = Open your authenticator app and type the code it shows.
mfa-recovery-title = Recovery code
mfa-recovery-hint = One of the codes you put away. Each works once.
mfa-password-title = Confirm your password

totp-add-title = Add an authenticator app
totp-add-lead = The app on your phone shows a new code every 30 seconds. Nobody can log in with your password alone any more.
totp-add-replaces = You have an app already. The new one takes its place; the old one stops working.
totp-add-scan = Scan this with your app
totp-add-picture = QR code with the secret for your authenticator app
totp-add-open = Open the app on this device
totp-add-typed = Or type this secret into the app:
totp-add-code-hint = The code that the app shows now.
totp-add-name-hint = So that you recognise it, such as “My phone”.
totp-add-submit = Add app

recovery-title = Recovery codes
recovery-lead = A recovery code lets you in when you have lost your phone or passkey. Print the codes or keep them where nobody else looks, not on the same device.
recovery-left = { $left ->
    [0] None is left of the codes made on { $day }.
    [one] One is left of the codes made on { $day }.
   *[other] { $left } are left of the codes made on { $day }.
}
recovery-replaces = New codes take the place of all earlier ones.
recovery-make = Make recovery codes
recovery-later = Later
recovery-new-title = Your recovery codes
recovery-new-lead = Keep them somewhere safe. Each of them works once.
recovery-new-once = They are shown this once only. Nobody, not even our support, can show them again.
recovery-download = Download as a file
recovery-done = I have put them away

enrol-title = Protect your account
enrol-why-required = { $brand } asks for a second proof beside your password. Choose one; it takes a minute.
enrol-why-demanded = { $app } asks for a stronger log-in than your password. Choose how.
enrol-why-scope = Part of what { $app } wants to do needs a stronger log-in than your password. Choose how.
enrol-passkey = Passkey
enrol-passkey-text = With your fingerprint, your face or a PIN. Safe from fake sites. Recommended.
enrol-totp = Authenticator app
enrol-totp-text = A code from an app on your phone, also without reception.
enrol-phone = SMS
enrol-phone-text = A code by text message. The weakest way: numbers can be stolen.
enrol-decline = Not now
enrol-decline-scope = You can go on without that part.
enrol-decline-demanded = Without it you go back to the app.

error-totp-wrong = This code is not right or was used already. Wait for the next one and type that.
error-recovery-code-wrong = This is none of your unused recovery codes. Check for typing mistakes.
notice-totp-added = Your authenticator app is added.

mail-security-changed-subject = A change to what protects your { $brand } account
mail-security-changed-text = Something that protects your { $brand } account has changed:
mail-security-changed-look = See what protects your account
mail-security-changed-not-you = If it was not you, choose a new password at once:
mail-passkey-added = A passkey was added: { $name }.
mail-totp-added = An authenticator app was added: { $name }.
mail-phone-added = A telephone number for codes was added: { $name }.
mail-authenticator-replaced = Another took the place of the one you had: { $name }.
mail-authenticator-removed = This was removed: { $name }.
mail-recovery-codes-made = New recovery codes were made. Earlier ones no longer work.
mail-recovery-code-used = { $left ->
    [0] A recovery code was used. It was the last one: make new ones.
    [one] A recovery code was used. One is left: make new ones soon.
   *[other] A recovery code was used. { $left } are left.
}
