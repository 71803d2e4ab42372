### Textos de las páginas. Un mensaje por línea: las pruebas también leen este archivo línea a línea.

## Marco

title-error = Error:
skip-to-content = Ir al contenido
language-label = Idioma
foot-terms = Condiciones
foot-account = Tu cuenta
errors-title = { $count ->
    [one] Revisa esto, por favor
   *[other] Revisa estas { $count } cosas, por favor
}
back-to-login = Volver al inicio de sesión
switch-account = Usar otra cuenta
signed-in-as = Has iniciado sesión como { $email }.

## Campos

field-email = Correo electrónico
field-new-email = Nuevo correo electrónico
field-password = Contraseña
field-current-password = Contraseña actual
field-new-password = Contraseña nueva
field-code = Código de seis cifras
field-optional = (opcional)
field-name = Nombre completo
field-given-name = Nombre
field-family-name = Apellidos
field-nickname = Apodo
field-birthdate = Fecha de nacimiento
field-zoneinfo = Zona horaria
field-locale = Idioma
password-rules = Al menos { $min } caracteres. Varias palabras sin relación funcionan bien.
code-hint = Está en el mensaje que te hemos enviado.
zoneinfo-hint = Por ejemplo, Europe/Madrid
locale-automatic = El de mi navegador

## La aplicación que pregunta

app-verified = Verificada
app-unverified = Sin verificar
app-papers = { $app }:
app-policy = Política de privacidad
app-terms = Condiciones del servicio

## Iniciar sesión

login-title = Iniciar sesión
login-heading = Inicia sesión
login-for-app = para continuar en { $app }
login-submit = Iniciar sesión
login-forgotten = ¿Has olvidado la contraseña?
login-no-account = ¿Aún no tienes cuenta?
login-register = Crear una
login-not-you = ¿No eres tú?
login-again-heading = Inicia sesión otra vez
login-again = Confirma que eres tú, por favor.
login-again-app = { $app } te pide que confirmes que eres tú.
select-title = Elige una cuenta
select-heading = Elige una cuenta
select-continue = Continuar como
select-other = Usar otra cuenta

## Registro

register-title = Crear una cuenta
register-heading = Crea tu cuenta de { $brand }
register-accept = Acepto las { $terms }.
register-terms-link = condiciones de uso (versión { $version })
register-submit = Crear cuenta
register-have-account = ¿Ya tienes cuenta?
register-login = Iniciar sesión
verify-title = Revisa tu correo
verify-heading = Revisa tu correo
verify-lead = Hemos enviado un mensaje a { $email }. Abre el enlace que contiene o escribe aquí el código. Ambos sirven durante { $span }.
verify-submit = Confirmar dirección
verify-nothing = ¿No ha llegado nada? Mira en la carpeta de spam o
verify-resend = pide otro mensaje
verify-wrong-address = ¿La dirección no es correcta?
verify-change-address = Cambiarla
confirm-title = Confirma tu correo electrónico
confirm-heading = Confirma tu correo electrónico
confirm-lead = Un clic y tu dirección queda confirmada.
confirm-lead-password = Has abierto este enlace en otro navegador. Para confirmar la dirección, escribe la contraseña que elegiste.
confirm-submit = Confirmar dirección
verified-title = Dirección confirmada
verified-heading = Tu dirección está confirmada
verified-lead = Tu cuenta está lista. Ya puedes iniciar sesión.
verified-login = Iniciar sesión

## Contraseña olvidada

forgotten-title = ¿Has olvidado la contraseña?
forgotten-heading = ¿Has olvidado la contraseña?
forgotten-lead = Escribe tu correo electrónico y te enviaremos un enlace para elegir otra.
forgotten-submit = Enviar enlace
sent-title = Revisa tu correo
sent-heading = Revisa tu correo
sent-lead = Si existe una cuenta para { $email }, le hemos enviado un enlace. Sirve durante { $span }.
sent-nothing = ¿No ha llegado nada? Mira en la carpeta de spam y comprueba que la dirección está bien escrita.
reset-title = Elige una contraseña nueva
reset-heading = Elige una contraseña nueva
reset-lead = Se cerrarán todas las sesiones de tu cuenta; inicia sesión de nuevo con la contraseña nueva.
reset-submit = Guardar contraseña
reset-done-title = Contraseña cambiada
reset-done-heading = Tu contraseña ha cambiado
reset-done-lead = Hemos cerrado tu sesión en todas partes. Inicia sesión con la contraseña nueva.

## Consentimiento

consent-title = Permitir el acceso
consent-heading = { $app } pide acceso
consent-unverified = No hemos comprobado quién está detrás de esta aplicación. Continúa solo si conoces { $host } y vienes de allí.
consent-asked = Le gustaría
consent-granted = Ya le permites
consent-allow = Permitir
consent-deny = Rechazar
consent-later = Puedes retirarlo cuando quieras en tu cuenta.
consent-signed-in = Has iniciado sesión como { $email }.
scope-openid = Saber que eres tú
scope-openid-text = Un identificador de tu cuenta y cuándo iniciaste sesión
scope-profile = Ver tu perfil
scope-profile-text = Tu nombre y los demás datos de tu perfil
scope-email = Ver tu correo electrónico
scope-email-text = Y si está confirmado
scope-phone = Ver tu número de teléfono
scope-phone-text = Y si está confirmado
scope-address = Ver tu dirección postal
scope-address-text = La dirección de tu perfil
scope-offline_access = Seguir con acceso
scope-offline_access-text = También cuando no uses la aplicación, hasta que lo retires
scope-other-text = Un permiso del propio servicio de la aplicación
claim-name = Tu nombre completo
claim-family_name = Tu apellido
claim-given_name = Tu nombre de pila
claim-middle_name = Tu segundo nombre
claim-nickname = Tu apodo
claim-preferred_username = Tu nombre de usuario
claim-profile = Tu página de perfil
claim-picture = Tu foto
claim-website = Tu sitio web
claim-gender = Tu género
claim-birthdate = Tu fecha de nacimiento
claim-zoneinfo = Tu zona horaria
claim-locale = Tu idioma
claim-updated_at = Cuándo cambió tu perfil por última vez
claim-email = Tu correo electrónico
claim-email_verified = Si tu correo electrónico está confirmado
claim-phone_number = Tu número de teléfono
claim-phone_number_verified = Si tu número de teléfono está confirmado
claim-address = Tu dirección postal
claim-one-text = Solo este dato de tu perfil

## Cerrar sesión

logout-title = Cerrar sesión
logout-heading = ¿Cerrar tu sesión de { $brand }?
logout-for-app = { $app } pide cerrar tu sesión.
logout-lead = También puede cerrarse en las aplicaciones que usas con ella.
logout-confirm = Cerrar sesión
logout-cancel = Seguir con la sesión abierta
logged-out-title = Has cerrado la sesión
logged-out-heading = Has cerrado la sesión
logged-out-lead = Ya puedes cerrar esta ventana.
logged-out-login = Volver a iniciar sesión

## Respuestas que se envían a la aplicación

form-post-title = Continuar
form-post-heading = Ya casi está
form-post-lead = Si no pasa nada, pulsa Continuar.
form-post-lead-app = Vuelves a { $app }. Si no pasa nada, pulsa Continuar.
form-post-submit = Continuar

## Condiciones

terms-title = Condiciones de uso
terms-heading = Condiciones de uso
terms-version = Versión { $version }
terms-accept-title = Las condiciones de uso
terms-accept-lead = Léelas y acéptalas para continuar. Son nuevas o han cambiado desde tu última visita.
terms-accept-submit = Aceptar y continuar
terms-accept-not = ¿No estás de acuerdo?

## Tiempos

date-day = { $day } de { $month } de { $year }
date-moment = { $day }, { $time } UTC
date-month-1 = enero
date-month-2 = febrero
date-month-3 = marzo
date-month-4 = abril
date-month-5 = mayo
date-month-6 = junio
date-month-7 = julio
date-month-8 = agosto
date-month-9 = septiembre
date-month-10 = octubre
date-month-11 = noviembre
date-month-12 = diciembre
ago-now = ahora mismo
ago-minutes = { $count ->
    [one] hace un minuto
   *[other] hace { $count } minutos
}
ago-hours = { $count ->
    [one] hace una hora
   *[other] hace { $count } horas
}
ago-days = { $count ->
    [one] ayer
   *[other] hace { $count } días
}

# Cuánto dura algo: en horas cuando son exactas.
span-minutes = { $count ->
    [one] un minuto
   *[other] { $count } minutos
}
span-hours = { $count ->
    [one] una hora
   *[other] { $count } horas
}
span-days = { $count ->
    [one] un día
   *[other] { $count } días
}
