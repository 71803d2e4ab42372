### Llaves de acceso: entrar con una, añadir una.

passkey-login = Entrar con una llave de acceso
passkey-or = o
passkey-cancelled = No se ha enviado nada: la petición se cerró o tardó demasiado. Puedes volver a intentarlo.
passkey-known = Este dispositivo ya guarda una llave de acceso para tu cuenta.
passkey-unsuitable = Este dispositivo no puede crear una llave de acceso que se desbloquee con huella, cara o PIN.
passkey-unsupported = Este navegador no puede usar llaves de acceso aquí.
passkey-needs-script = Las llaves de acceso necesitan JavaScript, que está desactivado en este navegador.

passkeys-title = Llaves de acceso
passkeys-lead = Entra con tu huella, tu cara o el PIN de tu dispositivo. Una llave de acceso solo funciona en este sitio, así que nadie puede engañarte para que la entregues.
passkeys-synced = Sincronizada entre tus dispositivos
passkeys-bound = Solo en un dispositivo
passkeys-attested = Hardware verificado
passkeys-added = Añadida el
passkeys-used = Usada por última vez
passkeys-unused = Aún sin usar
passkeys-manage = Cambiar el nombre o quitar llaves
passkeys-add = Añade tu primera llave de acceso
passkeys-add-another = Añade otra llave de acceso
passkeys-only-attested = Aquí solo se aceptan llaves de seguridad de fabricantes que conocemos.
passkeys-name-hint = Te sirve para reconocer la llave: por ejemplo, «Mi teléfono».
passkeys-submit = Añadir llave de acceso
field-passkey-name = Nombre

passkey-proof-title = Usa tu llave de acceso
passkey-proof-submit = Usar llave de acceso

error-passkey-too-late = Tardó demasiado o ya se había enviado. Inténtalo de nuevo.
error-passkey-not-recognised = Esta llave de acceso no se conoce aquí. Usa otra, u otra forma de entrar.
error-passkey-copied = Esta llave de acceso se ha rechazado porque parece que existe una copia. Entra de otra forma y quítala.
error-passkey-not-made = No se ha añadido ninguna llave de acceso. Inténtalo de nuevo.
error-passkey-not-attested = Este dispositivo no es de los modelos que se aceptan aquí. Usa otro.
error-passkey-known = Esta llave de acceso ya está en uso en una cuenta.
error-passkey-too-many = Tu cuenta ya tiene todas las llaves de acceso que puede tener. Quita una primero.

notice-passkey-added = Tu llave de acceso se ha añadido. Desde ahora puedes entrar con ella.
