### Palabras de la página de seguridad y de lo que protege una cuenta además de sus autenticadores.

security-title = Seguridad
security-back = Volver a seguridad
security-badge-weak = Débil
security-badge-fair = Regular
security-badge-good = Buena
security-badge-strong = Fuerte
security-verdict-weak = Solo tu contraseña protege esta cuenta. Quien la averigüe, entra.
security-verdict-fair = Los mensajes de texto se pueden interceptar o desviar a otro teléfono. Mejor que nada, y poco para proteger dinero.
security-verdict-good = También se pide un código de tu aplicación. Una página que imite a esta aún podría sonsacártelo.
security-verdict-strong = Entras con una llave de acceso, que solo funciona en este sitio. Úsala siempre que puedas: una página que imite a esta aún puede pedirte la contraseña y el código.
security-next-passkey = Una llave de acceso es más rápida que una contraseña y no se puede robar con engaños.
security-next-link-passkey = Añadir una llave de acceso
security-next-recovery-codes = Si pierdes aquello con lo que inicias sesión, no tienes cómo volver. Los códigos de recuperación sirven para eso.
security-next-link-recovery-codes = Crear códigos de recuperación
security-next-second-passkey = Tu única llave de acceso está en un solo dispositivo. Añade otra para no quedarte fuera si lo pierdes.
security-next-link-second-passkey = Añadir otra llave de acceso
security-next-phrase = Una frase tuya en cada mensaje nuestro te muestra cuáles son auténticos.
security-next-link-phrase = Elegir una frase
security-lock-on = Tus ajustes están bloqueados.
security-unlocking = Tus ajustes se están desbloqueando: el { $until }, dentro de { $left }.
security-factors = Cómo inicias sesión
security-recovery-codes = Códigos de recuperación
security-recovery-codes-none = Ninguno
security-recovery-codes-left = { $count ->
    [0] Todos usados
    [one] Queda uno
   *[other] Quedan { $count }
}
security-make = Crear
security-add = Añadir:
security-more = Más protección
security-phrase = Frase en nuestros mensajes
security-phrase-set = Elegida
security-phrase-none = Ninguna
security-choose = Elegir
security-approval = Aprobar por correo los inicios de sesión en navegadores nuevos
security-approval-off = Desactivado
security-approval-on = Activado
security-approval-always = Activado, para todos
security-switch-on = Activar
security-switch-off = Desactivar
security-devices = Navegadores conocidos
security-devices-count = { $count ->
    [0] Ninguno
    [one] Un navegador
   *[other] { $count } navegadores
}
security-sessions = Dónde tienes la sesión iniciada
security-lock = Bloqueo de ajustes
security-lock-open = Desactivado
security-lock-locked = Activado
security-lock-waiting = Desbloqueándose
security-events = Lo que ha ocurrido últimamente
security-events-all = Ver más
security-events-lead = ¿Echas algo en falta o no lo reconoces? Cambia tu contraseña o congela tu cuenta.
security-holds = Retenciones de retiradas
security-hold-span = Del { $began } al { $ends }
security-freeze = Congelar la cuenta
security-freeze-why = Cierra todas las sesiones al instante y no deja entrar a nadie.

factor-kind-passkey = Llave de acceso
factor-kind-totp = Aplicación de autenticación
factor-kind-phone = Teléfono
factor-synced = Sincronizada entre dispositivos
factor-bound = En un solo dispositivo
factor-used = Último uso
factor-added = Añadido el { $day }
factor-title = Forma de iniciar sesión
factor-name = Nombre
factor-rename = Guardar el nombre
factor-remove-title = Quitarla
factor-remove-last = Es la última. Sin ella, solo la contraseña protege tu cuenta.
factor-remove-sessions = Aquí sigues con la sesión iniciada; en todos los demás sitios se cierra.
factor-remove-hold = Las retiradas quedan retenidas un tiempo, y te lo comunicamos por correo.
factor-remove = Quitar

phrase-title = Frase en nuestros mensajes
phrase-lead = Todos los correos sobre tu cuenta muestran esta frase. Los mensajes de texto, y los correos a una dirección que aún no es tuya, no.
phrase-now = Tu frase actual:
phrase-field = Frase nueva
phrase-hint = Hasta 40 caracteres. Algo que reconozcas de un vistazo, y no una contraseña.
phrase-submit = Guardar la frase
phrase-remove = Quitar la frase

lock-title = Bloqueo de ajustes
lock-lead = Mantiene como está la forma en que inicias sesión, incluso frente a quien haya entrado en tu cuenta.
lock-what-changes = Mientras está activo, nadie cambia contraseña, dirección, frase ni aquello con lo que inicias sesión. Tú tampoco.
lock-what-delay = Desbloquear tarda los días que elijas. Te avisamos cuando empieza, y un clic lo detiene.
lock-what-nobody = Nadie puede acortarlo, tampoco nuestro servicio de ayuda.
lock-what-reset = Una contraseña olvidada aún se puede restablecer por correo.
lock-days = Días para desbloquear
lock-days-hint = De 1 a 30
lock-submit = Bloquear los ajustes
lock-now = { $days ->
    [one] Tus ajustes están bloqueados. Desbloquearlos tarda un día.
   *[other] Tus ajustes están bloqueados. Desbloquearlos tarda { $days } días.
}
lock-unlock = Empezar a desbloquear
lock-keep = Mantener bloqueados
lock-keep-title = Mantener bloqueados tus ajustes
lock-keep-lead = Alguien ha empezado a desbloquear los ajustes de tu cuenta. Detenlo aquí.
lock-kept-title = Tus ajustes siguen bloqueados
lock-kept-lead = Si no has sido tú quien quería desbloquearlos, elige una contraseña nueva por correo: funciona aunque estén bloqueados y cierra todas las sesiones.

devices-title = Navegadores conocidos
devices-lead = Donde ya has iniciado sesión. De un inicio de sesión en cualquier otro navegador te avisamos por correo.
devices-current = Este navegador
devices-trusted = Sin segundo factor
devices-trusted-until = Hasta el { $until }
devices-forget = Olvidar
devices-forget-all = Olvidar todos

event-registered = Cuenta creada
event-logged-in = Sesión iniciada
event-logged-out = Sesión cerrada
event-stepped-up = Confirmado con otro factor
event-session-ended = Sesiones cerradas
event-password-changed = Contraseña cambiada
event-password-reset = Contraseña restablecida por correo
event-email-changed = Dirección de correo cambiada
event-authenticator-added = Añadida una forma de iniciar sesión
event-authenticator-removed = Quitada una forma de iniciar sesión
event-authenticator-renamed = Renombrada una forma de iniciar sesión
event-authenticator-refused = Rechazada una forma de iniciar sesión
event-recovery-codes-made = Códigos de recuperación creados
event-recovery-code-used = Código de recuperación usado
event-consent-given = Aplicación autorizada
event-consent-withdrawn = Acceso de una aplicación retirado
event-locked = Cuenta bloqueada por el servicio de ayuda
event-unlocked = Cuenta desbloqueada por el servicio de ayuda
event-frozen = Cuenta congelada
event-unfrozen = Cuenta descongelada
event-phrase-changed = Frase cambiada
event-devices-forgotten = Navegadores conocidos olvidados
event-device-trusted = Navegador recordado
event-settings-locked = Ajustes bloqueados
event-settings-unlocking = Desbloqueo de los ajustes empezado
event-settings-kept-locked = Desbloqueo de los ajustes detenido
event-approval-switched = Aprobación de navegadores nuevos cambiada
event-log-in-approved = Inicio de sesión aprobado por correo
event-recovery-begun = Recuperación empezada
event-recovery-cancelled = Recuperación cancelada
event-recovered = Quitadas las formas perdidas de iniciar sesión

hold-cause-password_changed = Contraseña cambiada
hold-cause-password_reset = Contraseña restablecida por correo
hold-cause-password_reset_elsewhere = Contraseña restablecida desde un navegador desconocido
hold-cause-factor_removed = Forma de iniciar sesión quitada o sustituida
hold-cause-first_factor = Primera forma de iniciar sesión añadida
hold-cause-email_changed = Dirección de correo cambiada
hold-cause-phone_changed = Teléfono cambiado
hold-cause-unfrozen = Cuenta descongelada
hold-cause-recovered = Quitadas las formas perdidas de iniciar sesión
hold-cause-by_operator = La hemos iniciado nosotros por seguridad

error-phrase-required = Escribe una frase.
error-lock-days-invalid = Elige de 1 a 30 días.
error-settings-locked = Tus ajustes están bloqueados. Desbloquéalos antes en la página de seguridad.

notice-factor-renamed = El nombre está guardado.
notice-factor-removed = Quitada. Se han cerrado las demás sesiones.
notice-phrase-changed = Tu frase está guardada.
notice-phrase-removed = Tu frase se ha quitado.
notice-settings-locked = Tus ajustes están bloqueados.
notice-devices-forgotten = Olvidado.
notice-approval-on = Desde ahora, los inicios de sesión en navegadores nuevos esperan tu aprobación.
notice-approval-off = Los inicios de sesión en navegadores nuevos ya no esperan.

mail-phrase-chosen = Se ha elegido una frase para nuestros mensajes.
mail-phrase-removed = Se ha quitado la frase de nuestros mensajes.
mail-settings-locked = Los ajustes de tu cuenta se han bloqueado.
mail-settings-kept-locked = El desbloqueo de tus ajustes se ha detenido. Siguen bloqueados.
mail-approval-on = Desde ahora, los inicios de sesión en navegadores nuevos esperan tu aprobación por correo.
mail-approval-off = Los inicios de sesión en navegadores nuevos ya no esperan tu aprobación por correo.

mail-unlock-begun-subject = Se están desbloqueando los ajustes de { $brand }
mail-unlock-begun-text = Alguien ha empezado a desbloquear los ajustes de tu cuenta de { $brand }. El { $until } podrán cambiarse.
mail-unlock-begun-stop = Si no has sido tú, detenlo:
mail-unlock-begun-button = Mantener bloqueados los ajustes
