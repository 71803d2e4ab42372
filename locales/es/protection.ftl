### Palabras de la página de seguridad y de lo que protege una cuenta además de sus autenticadores.

security-title = Seguridad
security-back = Volver a seguridad
security-badge-weak = Débil
security-badge-fair = Regular
security-badge-good = Buena
security-badge-strong = Fuerte
security-verdict-weak = Solo su contraseña protege esta cuenta. Quien la averigüe, entra.
security-verdict-fair = Los mensajes de texto se pueden interceptar o desviar a otro teléfono. Mejor que nada, y poco para proteger dinero.
security-verdict-good = También se pide un código de su aplicación. Una página que imite a esta aún podría sonsacárselo.
security-verdict-strong = Una llave de acceso solo funciona en este sitio: ninguna imitación le saca nada.
security-next-passkey = Una llave de acceso es más rápida que una contraseña y no se puede robar con engaños.
security-next-link-passkey = Añadir una llave de acceso
security-next-recovery-codes = Si pierde aquello con lo que inicia sesión, no tiene cómo volver. Los códigos de recuperación sirven para eso.
security-next-link-recovery-codes = Crear códigos de recuperación
security-next-second-passkey = Su única llave de acceso está en un solo dispositivo. Añada otra para no quedarse fuera si lo pierde.
security-next-link-second-passkey = Añadir otra llave de acceso
security-next-phrase = Una frase suya en cada mensaje nuestro le muestra cuáles son auténticos.
security-next-link-phrase = Elegir una frase
security-lock-on = Sus ajustes están bloqueados.
security-unlocking = Sus ajustes se están desbloqueando: el { $until }, dentro de { $left }.
security-factors = Cómo inicia sesión
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
security-sessions = Dónde tiene la sesión iniciada
security-lock = Bloqueo de ajustes
security-lock-open = Desactivado
security-lock-locked = Activado
security-lock-waiting = Desbloqueándose
security-events = Lo que ha ocurrido últimamente
security-events-all = Ver más
security-events-lead = ¿Echa algo en falta o no lo reconoce? Cambie su contraseña o congele su cuenta.
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
factor-remove-last = Es la última. Sin ella, solo la contraseña protege su cuenta.
factor-remove-sessions = Aquí sigue con la sesión iniciada; en todos los demás sitios se cierra.
factor-remove-hold = Las retiradas quedan retenidas un tiempo, y se lo comunicamos por correo.
factor-remove = Quitar

phrase-title = Frase en nuestros mensajes
phrase-lead = Todos los mensajes que { $brand } le envía muestran esta frase. Un mensaje sin ella no es nuestro.
phrase-now = Su frase actual:
phrase-field = Frase nueva
phrase-hint = Hasta 40 caracteres. Algo que reconozca de un vistazo, y no una contraseña.
phrase-submit = Guardar la frase
phrase-remove = Quitar la frase

lock-title = Bloqueo de ajustes
lock-lead = Mantiene como está la forma en que inicia sesión, incluso frente a quien haya entrado en su cuenta.
lock-what-changes = Mientras está activo, nadie cambia contraseña, dirección, frase ni aquello con lo que inicia sesión. Usted tampoco.
lock-what-delay = Desbloquear tarda los días que elija. Le avisamos cuando empieza, y un clic lo detiene.
lock-what-nobody = Nadie puede acortarlo, tampoco nuestro servicio de ayuda.
lock-days = Días para desbloquear
lock-days-hint = De 1 a 30
lock-submit = Bloquear los ajustes
lock-now = { $days ->
    [one] Sus ajustes están bloqueados. Desbloquearlos tarda un día.
   *[other] Sus ajustes están bloqueados. Desbloquearlos tarda { $days } días.
}
lock-unlock = Empezar a desbloquear
lock-keep = Mantener bloqueados
lock-keep-title = Mantener bloqueados sus ajustes
lock-keep-lead = Alguien ha empezado a desbloquear los ajustes de su cuenta. Deténgalo aquí.
lock-kept-title = Sus ajustes siguen bloqueados
lock-kept-lead = Si no ha sido usted quien quería desbloquearlos, cambie su contraseña y revise sus sesiones.

devices-title = Navegadores conocidos
devices-lead = Donde ya ha iniciado sesión. De un inicio de sesión en cualquier otro navegador le avisamos por correo.
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

error-phrase-required = Escriba una frase.
error-lock-days-invalid = Elija de 1 a 30 días.
error-settings-locked = Sus ajustes están bloqueados. Desbloquéelos antes en la página de seguridad.

notice-factor-renamed = El nombre está guardado.
notice-factor-removed = Quitada. Se han cerrado las demás sesiones.
notice-phrase-changed = Su frase está guardada.
notice-phrase-removed = Su frase se ha quitado.
notice-settings-locked = Sus ajustes están bloqueados.
notice-devices-forgotten = Olvidado.
notice-approval-on = Desde ahora, los inicios de sesión en navegadores nuevos esperan su aprobación.
notice-approval-off = Los inicios de sesión en navegadores nuevos ya no esperan.

mail-phrase-chosen = Se ha elegido una frase para nuestros mensajes.
mail-phrase-removed = Se ha quitado la frase de nuestros mensajes.
mail-settings-locked = Los ajustes de su cuenta se han bloqueado.
mail-settings-kept-locked = El desbloqueo de sus ajustes se ha detenido. Siguen bloqueados.
mail-approval-on = Desde ahora, los inicios de sesión en navegadores nuevos esperan su aprobación por correo.
mail-approval-off = Los inicios de sesión en navegadores nuevos ya no esperan su aprobación por correo.

mail-unlock-begun-subject = Se están desbloqueando los ajustes de { $brand }
mail-unlock-begun-text = Alguien ha empezado a desbloquear los ajustes de su cuenta de { $brand }. El { $until } podrán cambiarse.
mail-unlock-begun-stop = Si no ha sido usted, deténgalo:
mail-unlock-begun-button = Mantener bloqueados los ajustes
