### Text messages. At most 75 characters without brand and code, of the GSM alphabet, and no links; the last line is added by the code.

sms-log-in = { $brand }: { $code } is your code to log in. Never share it, we never ask for it.
sms-add-number = { $brand }: { $code } is your code to add this number. Never share it, we never ask.
sms-number-gone = { $brand }: this number no longer protects your account. Was it not you? Log in and freeze your account.
