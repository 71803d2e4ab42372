### Palabras de los inicios de sesión que esperan una aprobación, de los navegadores recordados y de cómo volver sin ningún segundo factor.

waits-title = Mire su correo
waits-lead = Este navegador es nuevo para nosotros. Le hemos enviado un mensaje: apruebe allí el inicio de sesión y esta página seguirá sola.
waits-network = Abra el enlace en la misma red que este navegador. Funciona durante 20 minutos.
waits-look = Volver a mirar
waits-anew = Empezar de nuevo
approve-title = Aprobar un inicio de sesión
approve-lead = Alguien con su contraseña y todo lo demás que se pide está iniciando sesión. ¿Es usted?
approve-caution = Si no está iniciando sesión ahora mismo, cierre esta página, congele su cuenta con el enlace del mensaje y elija una contraseña nueva.
approve-submit = Sí, soy yo
approved-title = Aprobado
approved-lead = El inicio de sesión sigue en el navegador que lo espera.
error-approval-elsewhere = Este enlace solo funciona en la red desde la que se inicia sesión.
mail-approve-subject = Apruebe un inicio de sesión en { $brand }
mail-approve-text = Alguien está iniciando sesión en su cuenta de { $brand } desde un navegador que no habíamos visto.
mail-approve-you = Si es usted, apruébelo:
mail-approve-button = Ver el inicio de sesión
mail-approve-not-you = Si no es usted, no abra ese enlace. Otra persona conoce su contraseña: elija una nueva.

remember-browser = { $days ->
    [one] No pedir esto en este navegador durante un día
   *[other] No pedir esto en este navegador durante { $days } días
}

lost-link = He perdido todo esto
lost-title = ¿Ha perdido aquello con lo que inicia sesión?
lost-lead = { $hours ->
    [one] Puede quitarlo de su cuenta tras esperar una hora.
   *[other] Puede quitarlo de su cuenta tras esperar { $hours } horas.
}
lost-what-told = Le avisamos por correo cuando empieza la espera, cada día y cuando termina.
lost-what-stopped = Un clic en cualquiera de esos mensajes la detiene, y también iniciar sesión como siempre.
lost-what-hold = Después, las retiradas quedan retenidas un tiempo.
lost-submit = Enviarme un enlace para empezar
lost-back = Intentar iniciar sesión otra vez
lost-sent-title = Revise su correo
lost-sent-lead = Le hemos enviado un enlace con el que empieza la espera.
recovery-start-title = Recuperar su cuenta
recovery-start-submit = Empezar a esperar
recovery-begun-title = La espera ha empezado
recovery-begun-lead = El { $ripe } le enviaremos un enlace con el que quitar lo que ha perdido.
recovery-cancel-title = Detener la recuperación
recovery-cancel-lead = Alguien con su contraseña quiere quitar lo que protege su cuenta. Deténgalo aquí.
recovery-cancel-submit = Detenerla
recovery-cancelled-title = La recuperación está detenida
recovery-cancelled-lead = Su cuenta sigue como está. Quien la empezó conoce su contraseña y lee su correo: cambie ambos.
recovery-finish-title = Quitar lo que ha perdido
recovery-finish-lead = Esto quita de su cuenta todas las llaves de acceso, aplicaciones, teléfonos y códigos de recuperación, y cierra todas las sesiones. Después inicie sesión con su contraseña y añada otros.
recovery-finish-submit = Quitarlo todo
recovery-banner = Alguien está recuperando esta cuenta como si se hubiera perdido todo lo que la protege. El { $ripe } podrá quitarse.
notice-recovery-cancelled = La recuperación está detenida.
notice-log-in-to-enrol = Se ha quitado. Inicie sesión ahora y añada una llave de acceso o una aplicación.
mail-recovery-cancelled = La recuperación de su cuenta se ha detenido. Sigue como está.
mail-recovered = Se han quitado todas las llaves de acceso, aplicaciones, teléfonos y códigos de recuperación de su cuenta, porque se dieron por perdidos.
mail-recovery-asked-subject = Recupere su cuenta de { $brand }
mail-recovery-asked-text = Alguien que conoce su contraseña dice que ha perdido todo lo demás que protege su cuenta de { $brand }. Si ha sido usted, empiece aquí:
mail-recovery-asked-not-you = Si no ha sido usted, no abra ese enlace. Otra persona conoce su contraseña: elija una nueva.
mail-recovery-runs-subject = Se está recuperando su cuenta de { $brand }
mail-recovery-runs-text = Desde el { $began } alguien con su contraseña espera para quitar todas las llaves de acceso, aplicaciones, teléfonos y códigos de recuperación de su cuenta de { $brand }. Podrá hacerlo a partir del { $ripe }.
mail-recovery-runs-not-you = Si no ha sido usted, deténgalo con un clic:
mail-recovery-runs-finish = Si ha sido usted, la espera ha terminado:
