### Textos de las páginas de la cuenta.

account-navigation = Tu cuenta
account-nav-overview = Resumen
account-nav-profile = Perfil
account-nav-email = Correo
account-nav-password = Contraseña
account-nav-security = Seguridad
account-nav-sessions = Sesiones
account-nav-apps = Aplicaciones
account-title = Tu cuenta
account-heading = Tu cuenta
account-hello = Hola, { $name }
account-since = Aquí desde el { $day }
account-verified = Confirmado
account-unverified = Sin confirmar
account-change = Cambiar
account-look = Ver
account-password-changed = Cambiada el { $day }
account-password-set = Establecida
account-sessions-count = { $count ->
    [one] Una sesión
   *[other] { $count } sesiones
}
account-apps-count = { $count ->
    [0] Ninguna aplicación
    [one] Una aplicación con acceso
   *[other] { $count } aplicaciones con acceso
}
account-logout = Cerrar sesión
account-delete = Eliminar cuenta

change-password-title = Cambiar la contraseña
change-password-lead = Tu sesión sigue abierta aquí y se cierra en todos los demás sitios.
change-password-submit = Cambiar contraseña

change-email-title = Cambiar el correo electrónico
change-email-lead = Tu dirección es { $email }. Cambiará cuando confirmes la nueva; a la antigua le llegará un aviso.
change-email-pending = A la espera de tu confirmación
change-email-submit = Enviar confirmación
change-email-code-submit = Confirmar dirección
change-email-cancel = Conservar la dirección antigua
confirm-email-title = Confirma tu nueva dirección
confirm-email-lead = Confirma que tu cuenta debe usar la dirección a la que llegó este mensaje.
confirm-email-lead-address = Tu cuenta usará { $email } a partir de ahora.
confirm-email-submit = Confirmar dirección
email-done-title = Dirección cambiada
email-done-lead = Usa tu nueva dirección la próxima vez que inicies sesión.
email-done-account = Ir a tu cuenta

sessions-title = Sesiones
sessions-lead = Dónde tienes la sesión abierta. Cierra lo que no reconozcas y cambia tu contraseña.
sessions-current = Esta sesión
sessions-seen = Última actividad
sessions-started = desde el
sessions-end = Cerrar
sessions-end-others = Cerrar todas las demás
device-unknown = Dispositivo desconocido

apps-title = Aplicaciones con acceso
apps-lead = Lo que has permitido. Al retirarlo, la aplicación pierde el acceso al momento.
apps-none = Ninguna aplicación tiene acceso a tu cuenta.
apps-since = Desde el
apps-used = último uso
apps-withdraw = Retirar

profile-title = Perfil
profile-lead = Las aplicaciones solo lo ven si tú se lo permites.
profile-submit = Guardar

delete-title = Eliminar la cuenta
delete-lead = Esto elimina la cuenta { $email } para siempre.
delete-what-sessions = Se cierran todas tus sesiones y todas las aplicaciones pierden el acceso.
delete-what-profile = Se borra tu perfil.
delete-what-kept = La ley exige conservar constancia de tu verificación, y de lo que se decidió sobre ella, hasta el { $day }: queda bloqueada y cifrada, no se usa para nada más y después se destruye.
delete-what-assets = Las cuentas y los fondos que tengas en las aplicaciones no se tocan: arréglalo antes con ellas.
delete-confirm = Entiendo que esto no se puede deshacer.
delete-submit = Eliminar cuenta
delete-cancel = Conservar cuenta
deleted-title = Tu cuenta está eliminada
deleted-lead = Te hemos enviado un último mensaje para confirmarlo.

hold-title = Las retiradas están retenidas.
hold-text = Hasta el { $until }, otros { $left }, pedimos a las aplicaciones que no dejen salir dinero, para que tengas tiempo de advertir lo que no hayas hecho tú. Nadie puede acortar este plazo.

freeze-title = Congelar tu cuenta
freeze-lead = Hazlo si puede que otra persona haya entrado en tu cuenta.
freeze-what-sessions = Se cierran todas tus sesiones y todas las aplicaciones pierden el acceso.
freeze-what-log-in = Nadie puede iniciar sesión, ni siquiera con la contraseña correcta.
freeze-what-back = Para descongelarla necesitas tu correo, tu contraseña y lo demás con lo que inicias sesión. Después, las retiradas siguen retenidas un tiempo.
freeze-submit = Congelar la cuenta ahora
freeze-cancel = No congelar
frozen-title = Tu cuenta está congelada
frozen-lead = Se han cerrado todas las sesiones y todas las aplicaciones han perdido el acceso. Te hemos enviado un mensaje.
frozen-back = ¿Ya está todo en orden?
frozen-login = Iniciar sesión para descongelarla
still-frozen-lead = Tú, o alguien con uno de nuestros mensajes, la congeló el { $since }. Nadie puede iniciar sesión hasta que la descongeles.
still-frozen-mailed = Te hemos enviado un mensaje con un enlace para descongelarla. Ábrelo en este navegador.
still-frozen-password = ¿Alguien conoce tu contraseña? Elige antes una nueva
unfreeze-title = Descongelar tu cuenta
unfreeze-lead = Ahora inicia sesión como siempre, en este navegador y en los próximos 15 minutos. Con ello tu cuenta queda descongelada.
unfreeze-hold = Después, las retiradas siguen retenidas un tiempo.
unfreeze-submit = Continuar al inicio de sesión
