### Text messages. At most 75 characters without brand and code, of the GSM alphabet (which has é and ñ, but no á, í, ó and ú), and no
### links; the last line is added by the code.

sms-log-in = { $brand }: { $code } es tu codigo para entrar. No lo compartas, nunca lo pedimos.
sms-add-number = { $brand }: { $code } es tu codigo para usar este numero. No lo compartas con nadie.
sms-number-gone = { $brand }: este numero ya no protege tu cuenta. Si no fuiste, entra y congela tu cuenta.
