### Words of the mails.

mail-foot = { $brand } will never ask for your password or for a code in a message or a call.
mail-link-plain = If the button does not work, open this address:
mail-or-code = Or type this code on the page you have open:
mail-expires = Link and code work for { $span }.
mail-expires-link = The link works for { $span }, and only once.
mail-when = When
mail-device = Device
mail-place = Place
mail-take-back = Choose a new password
mail-phrase = Your phrase:
mail-hold = Until { $until } withdrawals are on hold, so that there is time to notice what you did not do. Nobody can shorten this.
mail-freeze = Something is wrong? Freeze your account at once. This works without logging in:
mail-freeze-link = Freeze my account
mail-to-account = To your account

mail-verify-address-subject = Confirm your address for { $brand }
mail-verify-address-text = Welcome to { $brand }. Please confirm that this e-mail address is yours.
mail-verify-address-button = Confirm address
mail-verify-address-not-you = If you did not create an account, you need not do anything: without this confirmation the address is not used.

mail-already-registered-subject = You already have a { $brand } account
mail-already-registered-text = Someone, probably you, tried to create a { $brand } account with this address. There is one already, so nothing has changed.
mail-already-registered-login = To log in:
mail-already-registered-forgotten = If you have forgotten your password, choose a new one:
mail-already-registered-not-you = If it was not you, you need not do anything.

mail-address-in-use-subject = Your address is in use at { $brand }
mail-address-in-use-text = Someone wanted to use this e-mail address for another { $brand } account. It belongs to your account already, so nothing has changed.

mail-reset-password-subject = Choose a new { $brand } password
mail-reset-password-text = You asked for a new password for your { $brand } account. Choose it here:
mail-reset-password-button = Choose a new password
mail-reset-password-not-you = If you did not ask for this, you need not do anything: your password stays as it is.

mail-password-changed-subject = Your { $brand } password was changed
mail-password-changed-text = The password of your { $brand } account was changed. All other sessions have been ended.
mail-password-changed-not-you = If it was not you, take your account back at once by choosing a new password:

mail-verify-new-address-subject = Confirm your new address for { $brand }
mail-verify-new-address-text = You asked to use this address for your { $brand } account. Please confirm it.
mail-verify-new-address-not-you = If you did not ask for this, you need not do anything: without this confirmation the address is not used.

mail-address-changing-subject = A new address for your { $brand } account
mail-address-changing-text = Someone asked to change the e-mail address of your { $brand } account to { $email }. It changes once the new address is confirmed.
mail-address-changing-not-you = If it was not you, change your password now; the change of address ends with it:
mail-address-changed-subject = The address of your { $brand } account was changed
mail-address-changed-text = Your { $brand } account now uses the e-mail address { $email }. This address is not used any more.
mail-address-changed-not-you = If it was not you, contact support at once. Your account:

mail-new-device-subject = New log-in to your { $brand } account
mail-new-device-text = Someone logged in to your { $brand } account from a device we have not seen before.
mail-new-device-you = If it was you, you need not do anything.
mail-new-device-sessions = See where you are logged in
mail-new-device-not-you = If it was not you, choose a new password at once. That ends all sessions:

mail-account-deleted-subject = Your { $brand } account is deleted
mail-account-deleted-text = Your { $brand } account and its profile have been deleted, and every app has lost its access.
mail-account-deleted-kept = The record of your verification stays locked and encrypted until { $day }, because law wants it kept. Then it is destroyed.
mail-account-deleted-more = This is the last message we send you. If it was not you, contact support at once.

mail-account-locked-subject = Your { $brand } account is locked
mail-account-locked-text = Your { $brand } account has been locked. Nobody can log in with it, and every session has been ended.
mail-account-locked-more = Contact support to find out why and to have it unlocked.

mail-account-frozen-subject = Your { $brand } account is frozen
mail-account-frozen-text = Your { $brand } account was frozen, from its security page or by a link in one of our messages. Everybody is logged out, and every app has lost its access.
mail-account-frozen-more = To unfreeze it, log in. You will get a link by mail:
mail-account-frozen-login = Log in to unfreeze

mail-unfreeze-subject = Unfreeze your { $brand } account
mail-unfreeze-text = Someone who knows your password tried to log in to your frozen { $brand } account. If it was you and you want to unfreeze it, open this link in the same browser:
mail-unfreeze-button = Unfreeze account
mail-unfreeze-not-you = If it was not you, your password is known to somebody else. Your account stays frozen; choose a new password.

mail-account-unfrozen-subject = Your { $brand } account is unfrozen
mail-account-unfrozen-text = Your { $brand } account was unfrozen, by the link we mailed you and a complete log-in.
mail-account-unfrozen-more = If it was not you, freeze it again at once and choose a new password.
