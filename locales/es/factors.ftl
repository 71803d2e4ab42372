### Palabras de los segundos factores: pedirlos y añadirlos.

field-recovery-code = Código de recuperación
field-authenticator-name = Nombre

mfa-why-login = Un paso más para iniciar sesión.
mfa-why-app = { $app } pide que confirmes que eres tú.
mfa-why-confirm = Confirma que eres tú antes de cambiar lo que protege tu cuenta.
mfa-submit = Continuar
mfa-others = Otra forma
mfa-way-passkey = Usar una llave de acceso
mfa-way-totp = Usar tu aplicación de autenticación
mfa-way-sms = Recibir un código por SMS
mfa-way-recovery = Usar un código de recuperación
mfa-way-password = Usar tu contraseña
mfa-totp-title = Código de tu aplicación
mfa-totp-hint = Abre tu aplicación de autenticación y escribe el código que muestra.
mfa-recovery-title = Código de recuperación
mfa-recovery-hint = Uno de los códigos que guardaste. Cada uno sirve una vez.
mfa-password-title = Confirma tu contraseña

totp-add-title = Añadir una aplicación de autenticación
totp-add-lead = La aplicación de tu teléfono muestra un código nuevo cada 30 segundos. Ya nadie podrá entrar solo con tu contraseña.
totp-add-replaces = Ya tienes una aplicación. La nueva ocupa su lugar; la anterior deja de funcionar.
totp-add-scan = Escanea esto con tu aplicación
totp-add-picture = Código QR con el secreto para tu aplicación de autenticación
totp-add-open = Abrir la aplicación en este dispositivo
totp-add-typed = O escribe este secreto en la aplicación:
totp-add-code-hint = El código que la aplicación muestra ahora.
totp-add-name-hint = Para que la reconozcas, por ejemplo «Mi teléfono».
totp-add-submit = Añadir aplicación

recovery-title = Códigos de recuperación
recovery-lead = Un código de recuperación te deja entrar si pierdes tu teléfono o tu llave de acceso. Imprime los códigos o guárdalos donde nadie más mire, no en el mismo dispositivo.
recovery-left = { $left ->
    [0] No queda ninguno de los códigos hechos el { $day }.
    [one] Queda uno de los códigos hechos el { $day }.
   *[other] Quedan { $left } de los códigos hechos el { $day }.
}
recovery-replaces = Los códigos nuevos sustituyen a todos los anteriores.
recovery-make = Crear códigos de recuperación
recovery-later = Más tarde
recovery-new-title = Tus códigos de recuperación
recovery-new-lead = Guárdalos en un lugar seguro. Cada uno sirve una vez.
recovery-new-once = Solo se muestran esta vez. Nadie, ni siquiera nuestro soporte, puede volver a mostrarlos.
recovery-download = Descargar como archivo
recovery-done = Ya los he guardado

enrol-title = Protege tu cuenta
enrol-why-required = { $brand } pide una segunda prueba además de tu contraseña. Elige una; es cosa de un minuto.
enrol-why-demanded = { $app } pide un inicio de sesión más fuerte que tu contraseña. Elige cómo.
enrol-why-scope = Parte de lo que { $app } quiere hacer necesita un inicio de sesión más fuerte que tu contraseña. Elige cómo.
enrol-passkey = Llave de acceso
enrol-passkey-text = Con tu huella, tu cara o un PIN. A salvo de sitios falsos. Recomendado.
enrol-totp = Aplicación de autenticación
enrol-totp-text = Un código de una aplicación de tu teléfono, también sin cobertura.
enrol-phone = Mensaje de texto (SMS)
enrol-phone-text = Un código por mensaje de texto. La forma más débil: los números se pueden robar.
enrol-decline = Ahora no
enrol-decline-scope = Puedes seguir sin esa parte.
enrol-decline-demanded = Sin ello vuelves a la aplicación.

error-totp-wrong = Este código no es correcto o ya se usó. Espera al siguiente y escríbelo.
error-recovery-code-wrong = No es ninguno de tus códigos de recuperación sin usar. Revisa si hay errores al escribirlo.
notice-totp-added = Tu aplicación de autenticación está añadida.

mail-security-changed-subject = Un cambio en lo que protege tu cuenta de { $brand }
mail-security-changed-text = Ha cambiado algo que protege tu cuenta de { $brand }:
mail-security-changed-look = Mira qué protege tu cuenta
mail-security-changed-not-you = Si no fuiste tú, elige una contraseña nueva enseguida:
mail-passkey-added = Se añadió una llave de acceso: { $name }.
mail-totp-added = Se añadió una aplicación de autenticación: { $name }.
mail-phone-added = Se añadió un número de teléfono para códigos: { $name }.
mail-authenticator-replaced = Otra ocupó el lugar de la que tenías: { $name }.
mail-authenticator-removed = Se eliminó: { $name }.
mail-recovery-codes-made = Se crearon códigos de recuperación nuevos. Los anteriores ya no sirven.
mail-recovery-code-used = { $left ->
    [0] Se usó un código de recuperación. Era el último: crea otros.
    [one] Se usó un código de recuperación. Queda uno: crea otros pronto.
   *[other] Se usó un código de recuperación. Quedan { $left }.
}
