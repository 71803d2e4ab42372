### Textos de la puesta en marcha y de la consola.

account-console = Consola
account-console-text = Te ocupas de esta instalación.

## Puesta en marcha

setup-title = Puesta en marcha
setup-lead = Nadie se ocupa todavía de este { $brand }. En tres pasos serás su propietario.
setup-steps = Pasos
setup-step = Paso { $number } de 3
setup-step-account = Cuenta
setup-step-passkey = Clave de acceso
setup-step-own = Propietario
setup-account-submit = Seguir
setup-have-account = ¿Ya tienes una cuenta aquí?
setup-login = Inicia sesión
setup-passkey = Los propietarios entran con una clave de acceso: huella, cara o llave de seguridad. No se puede robar con engaños y no hay contraseña por defecto.
setup-passkey-link = Añadir una clave de acceso
setup-prove = Muestra tu clave de acceso una vez más, para saber con certeza que eres tú.
setup-prove-link = Mostrar la clave de acceso
setup-own = Todo está listo. Como propietario registras aplicaciones, te ocupas de las personas y nombras a otros. Con esto se gasta el enlace por el que llegaste, y cualquier otro.
setup-own-submit = Ser el propietario
setup-gone-title = Este enlace ya no sirve
setup-gone = Se usó, ha caducado o esta instalación ya tiene propietario.
setup-gone-serve = Mientras no haya propietario, el servidor imprime uno nuevo cada vez que arranca con la base de datos vacía.
setup-gone-role = Quien tiene la línea de comandos puede nombrar a un propietario: karat user role add CORREO owner
setup-gone-admin = A la consola

## Marco

admin-console = Consola
admin-rooms = Salas de la consola
admin-crumbs = Dónde estás
admin-room-overview = Resumen
admin-room-people = Personas
admin-room-clients = Aplicaciones
admin-room-review = Verificación
admin-room-proposals = Segundas miradas
admin-room-roles = Roles y permisos
admin-room-audit = Registro de auditoría
admin-room-policy = Política
admin-room-keys = Claves de firma
admin-room-outbox = Bandeja de salida
admin-room-system = Sistema

admin-role-owner = Propietario
admin-role-client_admin = Administrador de aplicaciones
admin-role-support = Soporte
admin-role-compliance = Cumplimiento
admin-role-auditor = Auditoría
admin-role-means-owner = Todo menos decidir sobre identidades.
admin-role-means-client_admin = Registra aplicaciones y las cambia.
admin-role-means-support = Atiende a las personas: no ve secretos ni documentos, puede bloquear y no desbloquear.
admin-role-means-compliance = Decide las solicitudes de nivel, las retenciones y los desbloqueos.
admin-role-means-auditor = Lo lee todo, no cambia nada.

admin-actor-operator = línea de comandos
admin-actor-setup = enlace de puesta en marcha
admin-actor-clock = el reloj
admin-actor-rules = las reglas

admin-prove = Esto pide una clave de acceso mostrada en los últimos minutos.
admin-prove-link = Mostrar tu clave de acceso
admin-reason = Motivo
admin-reason-hint = Unas palabras. Quedan en el registro de auditoría: sin datos personales.
admin-takes-two = Una segunda persona tiene que estar de acuerdo. Lo que pidas aquí la espera.
admin-propose = Proponer
admin-choose = Elige…
admin-any = Cualquiera
admin-show = Mostrar
admin-everything = Todo
admin-newest = Lo más nuevo
admin-further = Más antiguo
admin-you = tú
admin-back = Volver
admin-nothing = nada
admin-person = Persona
admin-role = Rol
admin-since = Desde
admin-time = Hora
admin-about = Sobre
admin-actor = Quién
admin-act = Acto
admin-from = Desde
admin-number = N.º
admin-from-day = Desde el día
admin-to-day = Hasta el día
admin-sieve = Filtro
admin-meanwhile = Cambiado mientras tanto
admin-meanwhile-means = Lo que escribiste sigue en el formulario de abajo. Si lo guardas ahora, sustituye a lo que hay.
admin-meanwhile-elsewhere = Lo que ha cambiado no está en este formulario: un secreto, o si está activada.
admin-theirs = Ahora
admin-yours = Escrito
admin-refused-title = No se ha hecho

## Resumen

admin-waits = Lo que espera
admin-no-codes = No tienes códigos de recuperación: si se pierde la clave de acceso, pierdes la entrada.
admin-no-codes-link = Crea unos

## Segundas miradas

admin-proposals-lead = Los actos más graves, pedidos por una persona. Se hacen cuando una segunda está de acuerdo.
admin-proposals-none = No espera nada.
admin-grave-role = Cambio de un rol
admin-grave-remove_authenticator = Quitar el autenticador de alguien
admin-grave-suspend = Suspender a una persona
admin-grave-reinstate = Readmitir a una persona
admin-grave-revoke_level = Retirar un nivel
admin-grave-export_person = Exportar lo que se guarda de una persona
admin-grave-export_audit = Exportar el registro de auditoría
admin-proposed-by = Lo pidió
admin-proposal-until = Espera hasta
admin-confirm = De acuerdo, hazlo
admin-decline = Rechazar
admin-withdraw = Retirarlo
admin-own-proposal = Lo pediste tú: otra persona tiene que estar de acuerdo.
admin-role-gives = dar
admin-role-takes = quitar

## Roles

admin-roles-lead = Quién puede hacer qué. Un cambio cuenta desde el siguiente clic de la persona afectada.
admin-roles-held = Quién tiene qué rol
admin-given-by = Lo dio
admin-roles-give = Dar un rol
admin-roles-take = Quitar un rol
admin-roles-which = De quién y cuál
admin-roles-change = Cambiar roles
admin-roles-email-hint = Alguien con una cuenta aquí.
admin-roles-meaning = Lo que puede cada rol

## Registro de auditoría

admin-audit-lead = Todos los actos, en el orden en que se hicieron. Cada entrada está encadenada a la anterior.
admin-audit-verify = Comprobar la cadena
admin-audit-whole = { $count ->
    [one] El registro está entero: una entrada.
   *[other] El registro está entero: { $count } entradas.
}
admin-audit-broken = El registro no está entero: la entrada { $entry } se cambió o se quitó.
admin-audit-broken-next = Compáralo con el registro del servidor y con una exportación anterior.
admin-audit-none = Ninguna entrada encaja.
admin-audit-entry = Entrada { $number }
admin-audit-export = Exportar
admin-audit-export-lead = Todo el registro en líneas JSON. También se anota que alguien se lo llevó.
admin-audit-export-submit = Exportar el registro
admin-request = Petición
admin-hash = Encadenada como
admin-difference = Qué cambió
admin-key = Clave
admin-before = Antes
admin-after = Después

## Personas

admin-people-find = Buscar a alguien
admin-people-find-hint = El principio de un correo electrónico, o un identificador entero.
admin-people-find-submit = Buscar
admin-people-none = Nadie encaja.
admin-people-all = Todos
admin-people-locked = Bloqueados por nosotros
admin-people-frozen = Bloqueados por sí mismos
admin-people-held = Con retención
admin-people-suspended = Suspendidos
admin-people-level-1 = Nivel 1
admin-people-level-2 = Nivel 2
admin-people-level-3 = Nivel 3
admin-next = Más
admin-first = Volver al principio
admin-condition = Estado
admin-condition-active = en uso
admin-condition-locked = bloqueada
admin-condition-frozen = bloqueada por su dueño
admin-level = Nivel
admin-hold = Retención hasta
admin-held-until = Con retención hasta
admin-account = Cuenta
admin-id = Identificador
admin-email-proven = comprobado
admin-email-unproven = sin comprobar
admin-changed = cambiada
admin-person-own = Esta es tu propia cuenta. Lo que la cambia lo hacen otros.
admin-person-review = Solicitudes y situación
admin-person-audit = Lo que se hizo aquí
admin-locked-because = Bloqueada por nosotros,
admin-frozen-own = El dueño bloqueó la cuenta,
admin-condition-fine = La cuenta se puede usar.
admin-freeze = Bloquear la cuenta
admin-freeze-means = Nadie entra ya, las sesiones terminan, las aplicaciones se enteran y la persona recibe un correo.
admin-unfreeze = Desbloquear la cuenta
admin-cannot-unfreeze = Tu rol puede bloquear y no desbloquear.
admin-sessions = Sesiones
admin-sessions-none = No ha iniciado sesión en ningún sitio.
admin-session-end = Terminar
admin-sessions-end = Terminar todas las sesiones
admin-device = Dispositivo
admin-acr = Inicio de sesión
admin-begun = Empezó
admin-seen = Vista por última vez
admin-authenticators = Formas de entrar
admin-authenticators-none = Nada más que la contraseña.
admin-remove-authenticator = Quitar una
admin-remove-means = La persona queda fuera en todas partes, lo sabe por correo, y lo que mueve dinero espera.
admin-which = Cuál
admin-name = Nombre
admin-kind = Tipo
admin-added = Añadida
admin-used = Último uso
admin-holds = Retenciones
admin-holds-none = No hubo ninguna.
admin-runs = en marcha
admin-hold-start = Empezar una retención
admin-hold-hours = Horas
admin-hold-hours-hint = Hasta 720. Mientras tanto no se concede nada que mueva dinero.
admin-hold-lift = Levantar retenciones
admin-hold-lift-means = Solo las puestas a mano. Las demás pasan solas.
admin-consents = Aplicaciones que permitió
admin-consents-none = Ninguna.
admin-consent-withdraw = Retirar
admin-person-export = Exportar lo que se guarda
admin-person-export-lead = Todo menos los secretos, en JSON. Se anota que alguien se lo llevó.
admin-events = Lo que pasó
admin-events-none = Nada todavía.
admin-what = Qué
admin-app = Aplicación

## Aplicaciones

admin-clients-lead = Quien deja entrar a personas por esta casa, o actúa por sí mismo con sus tokens.
admin-clients-find = Buscar una aplicación
admin-clients-find-hint = Parte de su nombre o identificador.
admin-clients-none = No hay ninguna.
admin-client-new = Registrar una aplicación
admin-client-edit = Cambiar
admin-client-register = Registrar
admin-client-kind-lead = ¿Qué clase de aplicación es? Cada una tiene su formulario.
admin-app-web = Aplicación web
admin-app-single_page = Aplicación de una sola página
admin-app-native = Aplicación nativa
admin-app-service = Servicio
admin-app-means-web = En un servidor propio, que guarda un secreto.
admin-app-means-single_page = Corre solo en el navegador, sin servidor que pueda guardar un secreto. Los navegadores aún no pueden llamar al token endpoint desde otro sitio: hace falta un pequeño servidor propio en medio.
admin-app-means-native = Instalada en teléfonos u ordenadores.
admin-app-means-service = Un programa que actúa por sí mismo y por nadie más.
admin-client-id = Identificador (client id)
admin-client-id-hint = Corto y para siempre: letras, cifras, guiones.
admin-client-name = Nombre de la aplicación
admin-client-name-hint = Lo que leen las personas al entrar.
admin-client-redirects = URI de redirección
admin-client-redirects-hint-web = Una por línea, exactamente como las envía la aplicación: https://app.example/callback
admin-client-redirects-hint-single_page = Una por línea, exactamente como las envía la aplicación: https://app.example/
admin-client-redirects-hint-native = Una por línea: http://127.0.0.1/callback (cualquier puerto), com.example.app:/callback, o un enlace https que la aplicación reclama
admin-client-redirect = URI de redirección a probar
admin-client-after-logout = Después de salir
admin-client-after-logout-hint = Adónde pueden volver las personas, una por línea.
admin-client-scope-hint = Lo más amplio que podrá pedir nunca, separado por espacios.
admin-client-audience = Destinatarios
admin-client-audience-hint = Para qué son sus tokens, uno por línea. Vacío: esta misma casa.
admin-client-backchannel = Cierre de sesión por detrás
admin-client-backchannel-hint = Se le avisa cuando termina una sesión.
admin-client-method = Demuestra quién es con
admin-client-method-client_secret_basic = un secreto en la cabecera HTTP
admin-client-method-client_secret_post = un secreto en el formulario
admin-client-public = nada: no guarda ningún secreto
admin-client-consent = Pide permiso a las personas
admin-consent-rule-remembered = una vez, y lo recuerda
admin-consent-rule-always = en cada inicio de sesión
admin-consent-rule-first_party = nunca: una aplicación de la propia casa
admin-client-links = Enlaces y aspecto
admin-client-accent = Color
admin-client-accent-hint = De las páginas de sus inicios de sesión, como #1a56db. Se oscurece o se aclara donde no se podría leer.
admin-look = Cómo la ven las personas
admin-look-lead = En las páginas de sus inicios de sesión, con el aspecto claro u oscuro de tu navegador.
admin-look-accent = Su color, mientras se pueda leer:
admin-logo = Logotipo
admin-logo-hint = PNG, JPEG o WebP, de 256 KiB como mucho. Se guarda a 192 píxeles.
admin-logo-submit = Subir
admin-logo-remove = Quitar el logotipo
admin-client-home = Página principal
admin-client-verified = Sabemos quién está detrás de esta aplicación: mostrarla como verificada
admin-client-signed = Tokens de identidad firmados con
admin-client-grants = Puede usar
admin-client-on = encendida
admin-client-off = apagada
admin-client-configured = en el archivo de configuración
admin-client-configured-means = Esta aplicación está en el archivo de configuración: se cambia allí y se reinicia el servidor.
admin-client-acts = Secretos e interruptores
admin-client-acts-mean = Después de una rotación funcionan dos secretos, para que la aplicación pueda cambiar. Solo se elimina una aplicación apagada.
admin-client-enable = Encender
admin-client-disable = Apagar
admin-client-remove = Eliminar para siempre
admin-secret-rotate = Hacer otro secreto
admin-secret-once = El secreto, mostrado esta única vez
admin-secret-once-means = Ponlo donde la aplicación lo lee. Aquí solo se guarda su resumen.
admin-secret-both = El anterior funciona también hasta la próxima rotación.
admin-client-test = Probar el inicio de sesión
admin-client-test-lead = Envía una petición correcta como lo haría la aplicación, con PKCE y todo su ámbito.
admin-client-test-submit = Enviar una petición
admin-client-test-fine = Se le dejaría entrar.
admin-client-test-refused = Se le rechazaría.
admin-client-test-go = Recorrerlo como una persona (la respuesta va a la aplicación)
admin-snippets = Para quien desarrolla la aplicación
admin-copy = Copiar
admin-save = Guardar
admin-cancel = Cancelar
admin-required = obligatorio
admin-not-required = no obligatorio
admin-strict = Lo que rige sin pedirlo
admin-strict-pkce = PKCE con S256 es obligatorio.
admin-strict-exact = Las URI de redirección se comparan carácter a carácter.
admin-strict-rotation = Los refresh tokens cambian en cada uso; uno mostrado dos veces acaba con todos.
admin-strict-short = Los access tokens viven minutos.
admin-strict-secret = Su secreto se hace aquí, se muestra una vez y solo se guarda su resumen.
admin-secrets-live = { $count ->
    [one] un secreto
   *[other] { $count } secretos
}

## La casa

admin-keys-lead = Con lo que se firman los tokens. Las claves retiradas siguen publicadas hasta que caduca el último token que firmaron.
admin-key-id = Clave
admin-algorithm = Algoritmo
admin-made = Hecha
admin-key-signs = firma
admin-key-published = solo publicada
admin-key-until = hasta
admin-key-retire = Retirar
admin-key-rotate = Rotar
admin-key-rotate-means = Una clave nueva firma enseguida; la vieja sigue publicada. Nadie pierde su sesión.
admin-key-new = Nueva clave { $algorithm }

admin-outbox-lead = Correos, mensajes y llamadas a aplicaciones en camino. No se muestra lo que dicen.
admin-outbox-waiting = En espera
admin-outbox-failed = Fallidos
admin-outbox-none = No hay nada.
admin-to = Para
admin-written = Escrito
admin-attempts = Intentos
admin-outcome = Resultado
admin-next-attempt = próximo intento
admin-retry = Intentar ahora

admin-newest-key = La clave de firma más joven se hizo
admin-health = Salud
admin-answers = responde
admin-silent = callado
admin-database = Base de datos
admin-ephemeral = Almacén de corta vida
admin-outbox-count = en la bandeja de salida
admin-version = Versión
admin-settings = Ajustes
admin-issuer = Emisor
admin-fresh-for = Una clave de acceso cuenta durante
admin-second-person = Pide dos personas
admin-second-person-none = no hay actos así
admin-audit-head = Final del registro de auditoría

admin-policy-lead = Lo que pide cada valor de ámbito. Está en el archivo de configuración y se cambia allí.
admin-demands = Lo que se pide
admin-demands-none = A ningún ámbito se le pide nada.
admin-scope = Ámbito
admin-max-age = Inicio de sesión como mucho
admin-waits-for = Además
admin-survives = también caducado
admin-waits-holds = espera a las retenciones
admin-waits-lock = espera a los ajustes cerrados
admin-only-in = solo en
admin-not-in = no en
admin-explain = Explicar una decisión
admin-explain-lead = Lo que una aplicación concedería a alguien, lo que no, y qué ayudaría. No se cambia nada.
admin-explain-person = Persona (correo o identificador)
admin-explain-client = Aplicación (client id)
admin-explain-scope = Ámbito
admin-explain-scope-hint = Vacío: todo lo que la aplicación puede pedir.
admin-explain-acr = Inicio de sesión
admin-explain-acr-hint = Como si hubiera entrado así.
admin-explain-strongest = El más fuerte que tiene
admin-explain-minutes = Hace cuántos minutos
admin-explain-submit = Explicar
admin-explain-told = La decisión
admin-explain-stands = Nivel { $level }
admin-granted = Concedido
admin-withheld = Retenido
admin-why = Por qué
admin-remedy = Qué ayudaría
admin-withheld-frozen = cuenta bloqueada o aplicación apagada
admin-withheld-not_registered = no registrado para esta aplicación
admin-withheld-no_refresh = la aplicación no puede refrescar
admin-withheld-region = país de residencia
admin-withheld-tier = pide nivel
admin-withheld-hold = retenido hasta
admin-withheld-settings_locked = la persona cerró sus ajustes
admin-withheld-acr = pide un inicio de sesión de
admin-withheld-too_old = inicio de sesión más viejo que estos segundos:

## Se dice una vez después de un formulario

error-admin-refused = Rechazado: { $detail }
error-admin-no-filter = No hay ningún filtro «{ $given }». No se muestra nada.
error-admin-no-day = Esto no es un día. Escríbelo así: 2026-11-22.
error-admin-days-turned = El último día es anterior al primero.
error-admin-no-place = Este enlace no lleva a ningún lugar de la lista. Empieza otra vez por la primera página.
error-admin-no-hours = Un número entero de horas, de 1 a 720.
error-admin-no-minutes = Un número entero de minutos, hasta un año.
error-admin-no-log-in = Aquí no hay un inicio de sesión así.
error-admin-no-level = No hay tal nivel: 1, 2 o 3.
error-admin-no-logo = Elige una imagen PNG, JPEG o WebP de 256 KiB y 2048 píxeles por lado como mucho.
error-admin-changed-meanwhile = No se ha guardado nada: otra persona lo ha cambiado desde que abriste el formulario.
error-admin-client-taken = Ya hay una aplicación con este identificador.
error-admin-no-person = Nadie tiene esta dirección ni este identificador.
error-admin-no-client = No hay ninguna aplicación encendida con este identificador.
error-admin-no-scope = Esto no es un ámbito: palabras separadas por espacios.
notice-admin-factor-needed = La consola pide un segundo factor. Añade uno aquí primero.
notice-admin-passkey-needed = Esto pide una clave de acceso. Añade una aquí primero.
notice-admin-owner = Eres el propietario.
notice-admin-proposed = Espera a una segunda persona.
notice-admin-confirmed = Hecho.
notice-admin-declined = No se hará.
notice-admin-reason-needed = No se ha hecho nada: di en pocas palabras por qué.
notice-admin-own = No se ha hecho nada: nadie se hace esto a sí mismo.
notice-admin-same-eyes = No se ha hecho nada: la segunda persona tiene que ser otra que la primera.
notice-admin-stale = No se ha hecho nada: mientras tanto se cambió.
notice-admin-role-given = El rol está dado.
notice-admin-role-taken = El rol está quitado.
notice-admin-frozen = La cuenta está bloqueada: nadie entra, y quien estaba dentro está fuera.
notice-admin-unfrozen = La cuenta se puede usar de nuevo.
notice-admin-sessions-ended = Terminado.
notice-admin-authenticator-removed = Está quitado, y la persona lo sabe.
notice-admin-hold-started = La retención está en marcha: el dinero espera.
notice-admin-hold-lifted = Las retenciones puestas a mano han terminado.
notice-admin-consent-withdrawn = La aplicación ya no recibe nada de esta persona.
notice-admin-key-rotated = Una clave nueva firma desde ahora.
notice-admin-key-retired = La clave está retirada.
notice-admin-retried = Se intenta de nuevo ahora.
notice-admin-client-saved = La aplicación está guardada.
notice-admin-client-off = La aplicación está apagada: ya no recibe nada.
notice-admin-client-on = La aplicación está encendida.
notice-admin-client-removed = La aplicación está eliminada, con todo lo que las personas le habían permitido.
notice-admin-nobody-found = Nadie tiene una cuenta con esta dirección.
