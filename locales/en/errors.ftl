### What is wrong with a form, what has been done, and the error pages.

## Forms

error-credentials-wrong = The e-mail address or the password is not right.
error-throttled = Too many attempts. Please try again in { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
}.
error-email-required = Enter your e-mail address.
error-email-invalid = Enter an e-mail address such as name@example.com.
error-email-too-long = This e-mail address is too long.
error-email-taken = This address has an account already. Log in to it below.
error-email-same = This is already your address.
error-password-required = Enter your password.
error-password-too-short = Use at least { $min } characters.
error-password-too-long = Use at most { $max } characters.
error-password-common = This password is among those tried first by attackers. Choose another one.
error-password-weak = This password is easy to guess. Make it longer, or less predictable.
error-password-like-address = Do not use your name or address as password.
error-password-same = Choose a password different from the current one.
error-current-password-wrong = This is not your current password.
error-password-not-chosen = This is not the password you chose when you registered.
error-terms-required = Accept the terms to create an account.
error-terms-changed = The terms have changed. Please read and accept the new version.
error-code-required = Enter the code from the mail.
error-code-wrong = This code is not right. Check the newest mail.
error-code-exhausted = Too many wrong codes. Have a new one sent.
error-text-too-long = Use at most { $max } characters.
error-birthdate-invalid = Enter a date of birth in the past, such as 1990-04-23.
error-zoneinfo-invalid = Enter a time zone such as Europe/Madrid.
error-locale-invalid = Choose one of the languages.
error-confirm-required = Tick the box to confirm.
error-last-owner = You are the only owner of this installation. Make somebody else an owner first.

## Done

notice-registration-over = This registration is finished or has expired. If your address is confirmed, you can log in.
notice-code-resent = A new message is on its way.
notice-password-changed = Your password is changed. You are logged out everywhere else.
notice-email-sent = A message is on its way to the new address.
notice-email-cancelled = Your e-mail address stays as it is.
notice-session-ended = The session is ended.
notice-sessions-ended = { $count ->
    [0] There was no other session.
    [one] One session is ended.
   *[other] { $count } sessions are ended.
}
notice-app-withdrawn = The app has no access any more.
notice-profile-saved = Your profile is saved.

## Error pages

error-detail = Detail
error-request-id = Reference
error-retry-seconds = { $count ->
    [one] Please try again in one second.
   *[other] Please try again in { $count } seconds.
}
error-retry-minutes = { $count ->
    [one] Please try again in one minute.
   *[other] Please try again in { $count } minutes.
}
error-bad-request-title = This request cannot be answered
error-bad-request-text = Something is wrong with the request that brought you here.
error-bad-request-next = Go back to where you came from and try again. If an app sent you here and it happens again, tell its makers.
error-interaction-gone-title = This step has expired
error-interaction-gone-text = It took too long, was already finished, or was started in another browser.
error-interaction-gone-next = Go back to the app and start again from there.
error-refused-title = Access is not possible
error-refused-text = This app, or your account, is not allowed to log in here at the moment.
error-refused-next = Go back to where you came from.
error-refused-support = If you think this is a mistake, contact support:
error-link-gone-title = This link does not work any more
error-link-gone-text = It has expired, was already used, or was replaced by a newer one.
error-link-gone-next = Ask for a new message where you asked for this one.
error-not-found-title = Page not found
error-not-found-text = There is nothing at this address.
error-not-found-next = Check the address, or go back to where you came from.
error-form-expired-title = This form has expired
error-form-expired-text = The page was open for too long, or in an old tab. Nothing has been changed.
error-form-expired-next = Go back, load the page again and repeat the step.
error-cross-site-title = This form came from another site
error-cross-site-text = To protect you, forms are accepted only from our own pages. Nothing has been changed.
error-cross-site-next = Open this site directly and repeat the step.
error-method-not-allowed-title = This does not work this way
error-method-not-allowed-text = The address exists, but not for this kind of request.
error-method-not-allowed-next = Go back to where you came from.
error-too-large-title = That was too much
error-too-large-text = The form holds more than we accept. Nothing has been changed.
error-too-large-next = Go back and shorten what you entered.
error-uploads-busy-title = Your files were not taken
error-uploads-busy-text = Too much is being uploaded at the moment. What you saved before is kept. Go back in your browser and send the form again; your files are usually still chosen.
error-uploads-busy-next = Go back in your browser and send the form again.
error-uploads-busy-link = Go on with your verification
error-too-many-requests-title = Too many attempts
error-too-many-requests-text = There were too many attempts in a short time. To protect accounts, we pause.
error-too-many-requests-next = Wait a little, then try again.
error-unavailable-title = Not available right now
error-unavailable-text = We cannot finish this at the moment. Nothing has been lost.
error-unavailable-next = Please try again shortly.
error-internal-title = Something went wrong
error-internal-text = The mistake is ours, and we have written it down.
error-internal-next = Please try again.
error-internal-support = If it happens again, tell support the reference below:

notice-log-in-to-unfreeze = Log in now to unfreeze your account.
