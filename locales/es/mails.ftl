### Textos de los mensajes de correo.

mail-foot = { $brand } nunca te pedirá tu contraseña ni un código en un mensaje o una llamada.
mail-link-plain = Si el botón no funciona, abre esta dirección:
mail-or-code = O escribe este código en la página que tienes abierta:
mail-expires = El enlace y el código sirven durante { $span }.
mail-expires-link = El enlace sirve durante { $span } y una sola vez.
mail-when = Cuándo
mail-device = Dispositivo
mail-place = Lugar
mail-take-back = Elegir una contraseña nueva
mail-phrase = Tu frase:
mail-hold = Hasta el { $until } las retiradas están retenidas, para que haya tiempo de advertir lo que no hayas hecho tú. Nadie puede acortar este plazo.
mail-freeze = ¿Algo no va bien? Congela tu cuenta enseguida. Funciona sin iniciar sesión:
mail-freeze-link = Congelar mi cuenta
mail-to-account = Ir a tu cuenta

mail-verify-address-subject = Confirma tu dirección para { $brand }
mail-verify-address-text = Te damos la bienvenida a { $brand }. Confirma, por favor, que este correo electrónico es tuyo.
mail-verify-address-button = Confirmar dirección
mail-verify-address-not-you = Si no has creado ninguna cuenta, no tienes que hacer nada: sin esta confirmación no usaremos la dirección.

mail-already-registered-subject = Ya tienes una cuenta de { $brand }
mail-already-registered-text = Alguien, seguramente tú, ha intentado crear una cuenta de { $brand } con esta dirección. Ya existe una, así que no ha cambiado nada.
mail-already-registered-login = Para iniciar sesión:
mail-already-registered-forgotten = Si has olvidado la contraseña, elige otra:
mail-already-registered-not-you = Si no has sido tú, no tienes que hacer nada.

mail-address-in-use-subject = Tu dirección ya está en uso en { $brand }
mail-address-in-use-text = Alguien ha querido usar esta dirección de correo para otra cuenta de { $brand }. Ya pertenece a tu cuenta, así que no ha cambiado nada.

mail-reset-password-subject = Elige una contraseña nueva de { $brand }
mail-reset-password-text = Has pedido una contraseña nueva para tu cuenta de { $brand }. Elígela aquí:
mail-reset-password-button = Elegir contraseña
mail-reset-password-not-you = Si no la has pedido, no tienes que hacer nada: tu contraseña sigue igual.

mail-password-changed-subject = Tu contraseña de { $brand } ha cambiado
mail-password-changed-text = La contraseña de tu cuenta de { $brand } ha cambiado. Se han cerrado todas las demás sesiones.
mail-password-changed-not-you = Si no has sido tú, recupera tu cuenta cuanto antes eligiendo otra contraseña:

mail-verify-new-address-subject = Confirma tu nueva dirección para { $brand }
mail-verify-new-address-text = Has pedido usar esta dirección para tu cuenta de { $brand }. Confírmala, por favor.
mail-verify-new-address-not-you = Si no lo has pedido, no tienes que hacer nada: sin esta confirmación no usaremos la dirección.

mail-address-changing-subject = Nueva dirección para tu cuenta de { $brand }
mail-address-changing-text = Alguien ha pedido cambiar el correo electrónico de tu cuenta de { $brand } a { $email }. Cambiará cuando se confirme la dirección nueva.
mail-address-changing-not-you = Si no has sido tú, cambia ahora tu contraseña; con ello se anula el cambio de dirección:
mail-address-changed-subject = La dirección de tu cuenta de { $brand } ha cambiado
mail-address-changed-text = Tu cuenta de { $brand } usa ahora el correo electrónico { $email }. Esta dirección ya no se usa.
mail-address-changed-not-you = Si no has sido tú, escribe a soporte cuanto antes. Tu cuenta:

mail-new-device-subject = Nuevo inicio de sesión en tu cuenta de { $brand }
mail-new-device-text = Alguien ha iniciado sesión en tu cuenta de { $brand } desde un dispositivo que no conocíamos.
mail-new-device-you = Si has sido tú, no tienes que hacer nada.
mail-new-device-sessions = Ver dónde está abierta tu sesión
mail-new-device-not-you = Si no has sido tú, elige otra contraseña cuanto antes. Así se cierran todas las sesiones:

mail-account-deleted-subject = Tu cuenta de { $brand } está eliminada
mail-account-deleted-text = Tu cuenta de { $brand } y su perfil se han eliminado, y todas las aplicaciones han perdido el acceso.
mail-account-deleted-kept = La constancia de tu verificación queda bloqueada y cifrada hasta el { $day }, porque la ley exige conservarla. Después se destruye.
mail-account-deleted-more = Este es el último mensaje que te enviamos. Si no has sido tú, escribe a soporte cuanto antes.

mail-account-locked-subject = Tu cuenta de { $brand } está bloqueada
mail-account-locked-text = Tu cuenta de { $brand } se ha bloqueado. Nadie puede iniciar sesión con ella y se han cerrado todas las sesiones.
mail-account-locked-more = Escribe a soporte para saber por qué y para que la desbloqueen.

mail-account-frozen-subject = Tu cuenta de { $brand } está congelada
mail-account-frozen-text = Tu cuenta de { $brand } se congeló desde la página de seguridad o con un enlace de uno de nuestros mensajes. Se han cerrado todas las sesiones y todas las aplicaciones han perdido el acceso.
mail-account-frozen-more = Para descongelarla, inicia sesión. Recibirás un enlace por correo:
mail-account-frozen-login = Iniciar sesión para descongelarla

mail-unfreeze-subject = Descongela tu cuenta de { $brand }
mail-unfreeze-text = Alguien que conoce tu contraseña ha intentado entrar en tu cuenta congelada de { $brand }. Si has sido tú y quieres descongelarla, abre este enlace en el mismo navegador:
mail-unfreeze-button = Descongelar la cuenta
mail-unfreeze-not-you = Si no has sido tú, otra persona conoce tu contraseña. Tu cuenta sigue congelada; elige una contraseña nueva.

mail-account-unfrozen-subject = Tu cuenta de { $brand } está descongelada
mail-account-unfrozen-text = Tu cuenta de { $brand } se ha descongelado con el enlace que le enviamos y un inicio de sesión completo.
mail-account-unfrozen-more = Si no has sido tú, vuelve a congelarla enseguida y elige una contraseña nueva.
