### Passkeys: logging in with one, enrolling one.

passkey-login = Log in with a passkey
passkey-or = or
passkey-cancelled = Nothing was sent: the request was closed, or it took too long. You can try again.
passkey-known = This device already holds a passkey for your account.
passkey-unsuitable = This device cannot make a passkey that it unlocks by fingerprint, face or PIN.
passkey-unsupported = This browser cannot use passkeys here.
passkey-needs-script = Passkeys need JavaScript, which is switched off in this browser.

passkeys-title = Passkeys
passkeys-lead = Log in with your fingerprint, your face or the PIN of your device. A passkey works on this site only, so nobody can trick you into giving it away.
passkeys-synced = Synced between your devices
passkeys-bound = On one device only
passkeys-attested = Verified hardware
passkeys-added = Added
passkeys-used = Last used
passkeys-unused = Not used yet
passkeys-manage = Rename or remove passkeys
passkeys-add = Add your first passkey
passkeys-add-another = Add another passkey
passkeys-only-attested = Only security keys of makers that we know are accepted here.
passkeys-name-hint = You recognise the passkey by it: “My phone”, for example.
passkeys-submit = Add passkey
field-passkey-name = Name

passkey-proof-title = Use your passkey
passkey-proof-submit = Use passkey

error-passkey-too-late = This took too long, or was sent before. Please try again.
error-passkey-not-recognised = This passkey is not known here. Use another one, or another way to log in.
error-passkey-copied = This passkey was refused, because a copy of it seems to exist. Log in another way and remove it.
error-passkey-not-made = No passkey was added. Please try again.
error-passkey-not-attested = This device is not one of the models accepted here. Use another one.
error-passkey-known = This passkey is in use for an account already.
error-passkey-too-many = Your account has as many passkeys as it can have. Remove one first.

notice-passkey-added = Your passkey is added. You can log in with it from now on.
