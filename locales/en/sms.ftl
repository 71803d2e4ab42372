### Text messages. At most 75 characters without brand and code, of the GSM alphabet, and no links; the last line is added by the code.

sms-log-in = { $brand }: { $code } is your code to log in. Never share it, we never ask for it.
sms-confirm = { $brand }: { $code } is your code to change your security settings. Never share it.
sms-add-number = { $brand }: { $code } is your code to add this number. Never share it, we never ask.
sms-number-gone = { $brand }: this number no longer protects your account. Was it not you? Log in and freeze your account.

## The factor page and the number of the account

mfa-sms-title = Code by SMS
mfa-sms-lead = We send a code to { $number }.
mfa-sms-send = Send code
mfa-sms-sent = We have sent a code to { $number }. It works for { $span }, on this page only.
mfa-sms-hint = The six digits of the newest message.
mfa-sms-nothing = Nothing arrived?
mfa-sms-resend = Send another code
mfa-sms-never-share = Nobody from { $brand } will ever ask you for this code.
phone-title = Codes by SMS
phone-lead = We send a code to your number when you log in.
phone-weak = This is the weakest second factor: numbers can be taken over by others without your phone. An authenticator app or a passkey protects you better.
phone-better-totp = Use an authenticator app instead
phone-better-passkey = Use a passkey instead
phone-current = Your number is { $number }.
phone-replaces = A new number takes its place. The old one gets a message, and what moves money waits for a while.
field-phone = Mobile number
phone-hint = With the country code, such as +49 151 23456789.
phone-submit = Send code
phone-pending = We have sent a code to { $number }. It works for { $span }.
phone-code-submit = Confirm number
phone-other = Use another number

error-phone-required = Enter your mobile number.
error-phone-invalid = Enter a mobile number with its country code, such as +49 151 23456789.
error-phone-not-mobile = Messages can be sent to mobile numbers only.
error-phone-same = This is already your number.
error-sms-code-required = Enter the code from the message.
error-sms-code-wrong = This code is not right, or not valid any more. Check the newest message.
error-sms-wait = Another code can be sent in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
error-sms-country = We send no messages to numbers of this country. Please use another way.
error-sms-not-now = No message can be sent to this number at the moment. Try later, or use another way.
notice-phone-added = Your number is confirmed.
notice-sms-sent = A message with a code is on its way.
