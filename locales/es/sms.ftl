### Text messages. At most 75 characters without brand and code, of the GSM alphabet (which has é and ñ, but no á, í, ó and ú), and no
### links; the last line is added by the code.

sms-log-in = { $brand }: { $code } es tu codigo para entrar. No lo compartas, nunca lo pedimos.
sms-confirm = { $brand }: { $code } es tu codigo para cambiar tu seguridad. No lo compartas.
sms-add-number = { $brand }: { $code } es tu codigo para usar este numero. No lo compartas con nadie.
sms-number-gone = { $brand }: este numero ya no protege tu cuenta. Si no fuiste tu, entra y congela tu cuenta.

## The factor page and the number of the account

mfa-sms-title = Código por SMS
mfa-sms-lead = Enviamos un código al { $number }.
mfa-sms-send = Enviar código
mfa-sms-sent = Hemos enviado un código al { $number }. Vale durante { $span } y solo en esta página.
mfa-sms-hint = Las seis cifras del mensaje más reciente.
mfa-sms-nothing = ¿No ha llegado nada?
mfa-sms-resend = Enviar otro código
mfa-sms-never-share = Nadie de { $brand } te pedirá nunca este código.
phone-title = Códigos por SMS
phone-lead = Enviamos un código a tu número cuando entras.
phone-weak = Es el segundo factor más débil: otros pueden apropiarse de un número sin tu teléfono. Una aplicación de autenticación o una llave de acceso te protegen mejor.
phone-better-totp = Usar mejor una aplicación de autenticación
phone-better-passkey = Usar mejor una llave de acceso
phone-current = Tu número es { $number }.
phone-replaces = Un número nuevo ocupa su lugar. El anterior recibe un mensaje, y lo que mueve dinero espera un tiempo.
field-phone = Número de móvil
phone-hint = Con el prefijo del país, como +34 612 34 56 78.
phone-submit = Enviar código
phone-pending = Hemos enviado un código al { $number }. Vale durante { $span }.
phone-code-submit = Confirmar número
phone-other = Usar otro número

error-phone-required = Escribe tu número de móvil.
error-phone-invalid = Escribe un número de móvil con el prefijo del país, como +34 612 34 56 78.
error-phone-not-mobile = Solo se pueden enviar mensajes a números de móvil.
error-phone-same = Este ya es tu número.
error-sms-code-required = Escribe el código del mensaje.
error-sms-code-wrong = El código no es correcto o ya no vale. Mira el mensaje más reciente.
error-sms-wait = Se puede enviar otro código dentro de { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}.
error-sms-country = No enviamos mensajes a números de este país. Usa otro medio.
error-sms-not-now = Ahora no se puede enviar un mensaje a este número. Inténtalo más tarde o usa otro medio.
notice-phone-added = Tu número está confirmado.
notice-sms-sent = Un mensaje con un código está en camino.
