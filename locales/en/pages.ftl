### Words of the hosted pages. One message a line: tests read this file line by line too.

## Frame

title-error = Error:
skip-to-content = Skip to content
language-label = Language
foot-terms = Terms
foot-account = Your account
errors-title = { $count ->
    [one] Please check this
   *[other] Please check these { $count } things
}
back-to-login = Back to log-in
switch-account = Use another account
signed-in-as = You are logged in as { $email }.

## Fields

field-email = E-mail address
field-new-email = New e-mail address
field-password = Password
field-current-password = Current password
field-new-password = New password
field-code = Six-digit code
field-optional = (optional)
field-name = Full name
field-given-name = First name
field-family-name = Last name
field-nickname = Nickname
field-birthdate = Date of birth
field-zoneinfo = Time zone
field-locale = Language
password-rules = At least { $min } characters. A few unrelated words work well.
code-hint = From the mail we sent you.
zoneinfo-hint = Such as Europe/Madrid
locale-automatic = As my browser asks

## The app that asks

app-verified = Verified
app-unverified = Not verified
app-papers = { $app }:
app-policy = Privacy policy
app-terms = Terms of service

## Log in

login-title = Log in
login-heading = Log in
login-for-app = to continue to { $app }
login-submit = Log in
login-forgotten = Forgotten your password?
login-no-account = No account yet?
login-register = Create one
login-not-you = Not you?
login-again-heading = Log in again
login-again = Please confirm that it is you.
login-again-app = { $app } asks you to confirm that it is you.
select-title = Choose an account
select-heading = Choose an account
select-continue = Continue as
select-other = Use another account

## Register

register-title = Create an account
register-heading = Create your { $brand } account
register-accept = I accept the { $terms }.
register-terms-link = terms of use (version { $version })
register-submit = Create account
register-have-account = Already have an account?
register-login = Log in
verify-title = Check your mail
verify-heading = Check your mail
verify-lead = We sent a message to { $email }. Open the link in it, or type the code here. Both work for { $span }.
verify-submit = Confirm address
verify-nothing = Nothing there? Look into your spam folder, or
verify-resend = send it again
verify-wrong-address = Wrong address?
verify-change-address = Change it
confirm-title = Confirm your e-mail address
confirm-heading = Confirm your address
confirm-lead = One click, and your address is confirmed.
confirm-lead-password = You opened this link in another browser. To confirm the address, enter the password you chose.
confirm-submit = Confirm address
verified-title = Address confirmed
verified-heading = Your address is confirmed
verified-lead = Your account is ready. You can log in now.
verified-login = Log in

## Forgotten password

forgotten-title = Forgotten your password?
forgotten-heading = Forgotten your password?
forgotten-lead = Enter your e-mail address. We send you a link to choose a new password.
forgotten-submit = Send link
sent-title = Check your mail
sent-heading = Check your mail
sent-lead = If there is an account for { $email }, a link is on its way to it. It works for { $span }.
sent-nothing = Nothing there? Look into your spam folder, and check the spelling of the address.
reset-title = Choose a new password
reset-heading = Choose a new password
reset-lead = Every session of your account ends; log in again with the new password.
reset-submit = Save password
reset-done-title = Password changed
reset-done-heading = Your password is changed
reset-done-lead = You have been logged out everywhere. Log in with your new password.

## Consent

consent-title = Allow access
consent-heading = { $app } asks for access
consent-unverified = We have not checked who is behind this app. Go on only if you know { $host } and came from there.
consent-asked = It would like to
consent-granted = You already allow it to
consent-allow = Allow
consent-deny = Deny
consent-later = You can withdraw this at any time in your account.
consent-signed-in = You are logged in as { $email }.
scope-openid = Know that it is you
scope-openid-text = An identifier of your account, and when you logged in
scope-profile = See your profile
scope-profile-text = Your name and the other details in your profile
scope-email = See your e-mail address
scope-email-text = And whether it is confirmed
scope-phone = See your phone number
scope-phone-text = And whether it is confirmed
scope-address = See your postal address
scope-address-text = The address in your profile
scope-offline_access = Stay connected
scope-offline_access-text = Access also while you are not using the app, until you withdraw it
scope-other-text = A permission of the app’s own service
claim-name = Your full name
claim-family_name = Your family name
claim-given_name = Your given name
claim-middle_name = Your middle name
claim-nickname = Your nickname
claim-preferred_username = Your user name
claim-profile = Your profile page
claim-picture = Your picture
claim-website = Your website
claim-gender = Your gender
claim-birthdate = Your date of birth
claim-zoneinfo = Your time zone
claim-locale = Your language
claim-updated_at = When your profile was last changed
claim-email = Your e-mail address
claim-email_verified = Whether your e-mail address is confirmed
claim-phone_number = Your phone number
claim-phone_number_verified = Whether your phone number is confirmed
claim-address = Your postal address
claim-one-text = Only this detail of your profile

## Log out

logout-title = Log out
logout-heading = Log out of { $brand }?
logout-for-app = { $app } asks to log you out.
logout-lead = Apps that you use through this login may log you out, too.
logout-confirm = Log out
logout-cancel = Stay logged in
logged-out-title = You are logged out
logged-out-heading = You are logged out
logged-out-lead = It is safe to close this window.
logged-out-login = Log in again

## Answers that are posted to the app

form-post-title = Continue
form-post-heading = Almost there
form-post-lead = If nothing happens, press Continue.
form-post-lead-app = You are going back to { $app }. If nothing happens, press Continue.
form-post-submit = Continue

## Terms

terms-title = Terms of use
terms-heading = Terms of use
terms-version = Version { $version }
terms-accept-title = The terms of use
terms-accept-lead = Please read and accept them to go on. They are new, or have changed since you were last here.
terms-accept-submit = Accept and continue
terms-accept-not = You do not agree?

## Times

date-day = { $day } { $month } { $year }
date-moment = { $day }, { $time } UTC
date-month-1 = January
date-month-2 = February
date-month-3 = March
date-month-4 = April
date-month-5 = May
date-month-6 = June
date-month-7 = July
date-month-8 = August
date-month-9 = September
date-month-10 = October
date-month-11 = November
date-month-12 = December
ago-now = just now
ago-minutes = { $count ->
    [one] one minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] one hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] yesterday
   *[other] { $count } days ago
}

# How long something works: hours where they come out even.
span-minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
span-hours = { $count ->
    [one] one hour
   *[other] { $count } hours
}
span-days = { $count ->
    [one] one day
   *[other] { $count } days
}
