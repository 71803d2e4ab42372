### Qué falla en un formulario, qué se ha hecho, y las páginas de error.

## Formularios

error-credentials-wrong = El correo electrónico o la contraseña no son correctos.
error-throttled = Demasiados intentos. Vuelve a probar dentro de { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
}.
error-email-required = Escribe tu correo electrónico.
error-email-invalid = Escribe un correo electrónico como nombre@example.com.
error-email-too-long = Este correo electrónico es demasiado largo.
error-email-taken = Esta dirección ya tiene una cuenta. Inicia sesión más abajo.
error-email-same = Esta ya es tu dirección.
error-password-required = Escribe tu contraseña.
error-password-too-short = Usa al menos { $min } caracteres.
error-password-too-long = Usa { $max } caracteres como máximo.
error-password-common = Esta contraseña es de las primeras que prueban los atacantes. Elige otra.
error-password-weak = Esta contraseña es fácil de adivinar. Hazla más larga o menos previsible.
error-password-like-address = No uses tu nombre ni tu dirección como contraseña.
error-password-same = Elige una contraseña distinta de la actual.
error-current-password-wrong = Esta no es tu contraseña actual.
error-password-not-chosen = Esta no es la contraseña que elegiste al registrarte.
error-terms-required = Acepta las condiciones para crear una cuenta.
error-terms-changed = Las condiciones han cambiado. Lee y acepta la versión nueva, por favor.
error-code-required = Escribe el código del mensaje.
error-code-wrong = Este código no es correcto. Mira el mensaje más reciente.
error-code-exhausted = Demasiados códigos incorrectos. Pide otro.
error-text-too-long = Usa { $max } caracteres como máximo.
error-birthdate-invalid = Escribe una fecha de nacimiento pasada, por ejemplo 1990-04-23.
error-zoneinfo-invalid = Escribe una zona horaria, por ejemplo Europe/Madrid.
error-locale-invalid = Elige uno de los idiomas.
error-confirm-required = Marca la casilla para confirmar.
error-last-owner = Eres la única persona propietaria de esta instalación. Nombra antes a otra.

## Hecho

notice-registration-over = Este registro ha terminado o ha caducado. Si tu dirección está confirmada, puedes iniciar sesión.
notice-code-resent = Te hemos enviado otro mensaje.
notice-password-changed = Tu contraseña ha cambiado. Tu sesión se ha cerrado en todos los demás sitios.
notice-email-sent = Hemos enviado un mensaje a la dirección nueva.
notice-email-cancelled = Tu correo electrónico sigue igual.
notice-session-ended = La sesión está cerrada.
notice-sessions-ended = { $count ->
    [0] No había ninguna otra sesión.
    [one] Se ha cerrado una sesión.
   *[other] Se han cerrado { $count } sesiones.
}
notice-app-withdrawn = La aplicación ya no tiene acceso.
notice-profile-saved = Tu perfil está guardado.

## Páginas de error

error-detail = Detalle
error-request-id = Referencia
error-retry-seconds = { $count ->
    [one] Vuelve a probar dentro de un segundo.
   *[other] Vuelve a probar dentro de { $count } segundos.
}
error-retry-minutes = { $count ->
    [one] Vuelve a probar dentro de un minuto.
   *[other] Vuelve a probar dentro de { $count } minutos.
}
error-bad-request-title = No se puede responder a esta petición
error-bad-request-text = Algo no está bien en la petición que te ha traído aquí.
error-bad-request-next = Vuelve adonde estabas e inténtalo de nuevo. Si te ha enviado una aplicación y se repite, avisa a quienes la hacen.
error-interaction-gone-title = Este paso ha caducado
error-interaction-gone-text = Ha tardado demasiado, ya había terminado o se empezó en otro navegador.
error-interaction-gone-next = Vuelve a la aplicación y empieza de nuevo desde allí.
error-refused-title = No es posible acceder
error-refused-text = En este momento, esta aplicación o tu cuenta no puede iniciar sesión aquí.
error-refused-next = Vuelve adonde estabas.
error-refused-support = Si crees que es un error, contacta con soporte:
error-link-gone-title = Este enlace ya no sirve
error-link-gone-text = Ha caducado, ya se ha usado o lo ha sustituido otro más reciente.
error-link-gone-next = Pide otro mensaje donde pediste este.
error-not-found-title = Página no encontrada
error-not-found-text = En esta dirección no hay nada.
error-not-found-next = Comprueba la dirección o vuelve al lugar de donde venías.
error-form-expired-title = Este formulario ha caducado
error-form-expired-text = La página ha estado abierta demasiado tiempo o en una pestaña antigua. No se ha cambiado nada.
error-form-expired-next = Vuelve atrás, carga la página otra vez y repite el paso.
error-cross-site-title = Este formulario viene de otro sitio
error-cross-site-text = Para protegerte, solo aceptamos formularios de nuestras propias páginas. No se ha cambiado nada.
error-cross-site-next = Abre este sitio directamente y repite el paso.
error-method-not-allowed-title = Así no funciona
error-method-not-allowed-text = La dirección existe, pero no para este tipo de petición.
error-method-not-allowed-next = Vuelve al lugar de donde venías.
error-too-large-title = Es demasiado
error-too-large-text = El formulario contiene más de lo que aceptamos. No se ha cambiado nada.
error-too-large-next = Vuelve atrás y acorta lo que has escrito.
error-uploads-busy-title = No se han recibido tus archivos
error-uploads-busy-text = Ahora mismo se están subiendo demasiadas cosas. Lo que guardaste antes se conserva. Vuelve atrás en el navegador y envía otra vez el formulario; normalmente los archivos siguen elegidos.
error-uploads-busy-next = Vuelve atrás en el navegador y envía otra vez el formulario.
error-uploads-busy-link = Sigue con tu verificación
error-too-many-requests-title = Demasiados intentos
error-too-many-requests-text = Ha habido demasiados intentos en poco tiempo. Para proteger las cuentas hacemos una pausa.
error-too-many-requests-next = Espera un poco y vuelve a probar.
error-unavailable-title = No disponible en este momento
error-unavailable-text = Ahora mismo no podemos terminar esto. No se ha perdido nada.
error-unavailable-next = Vuelve a probar en breve, por favor.
error-internal-title = Algo ha fallado
error-internal-text = El error es nuestro y lo hemos anotado.
error-internal-next = Inténtalo de nuevo.
error-internal-support = Si se repite, da a soporte la referencia de abajo:

notice-log-in-to-unfreeze = Inicia sesión ahora para descongelar tu cuenta.
