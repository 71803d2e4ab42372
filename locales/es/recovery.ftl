### Palabras de los inicios de sesión que esperan una aprobación, de los navegadores recordados y de cómo volver sin ningún segundo factor.

waits-title = Mira tu correo
waits-lead = Este navegador es nuevo para nosotros. Te hemos enviado un mensaje: aprueba allí el inicio de sesión y esta página seguirá sola.
waits-network = Abre el enlace en la misma red que este navegador. Funciona durante 20 minutos.
waits-look = Volver a mirar
waits-anew = Empezar de nuevo
approve-title = Aprobar un inicio de sesión
approve-lead = Alguien con tu contraseña y todo lo demás que se pide está iniciando sesión. ¿Eres tú?
approve-caution = Si no estás iniciando sesión ahora mismo, cierra esta página, congela tu cuenta con el enlace del mensaje y elige una contraseña nueva.
approve-submit = Sí, soy yo
approved-title = Aprobado
approved-lead = El inicio de sesión sigue en el navegador que lo espera.
error-approval-elsewhere = Este enlace solo funciona en la red desde la que se inicia sesión.
mail-approve-subject = Aprueba un inicio de sesión en { $brand }
mail-approve-text = Alguien está iniciando sesión en tu cuenta de { $brand } desde un navegador que no habíamos visto.
mail-approve-you = Si eres tú, apruébalo:
mail-approve-button = Ver el inicio de sesión
mail-approve-not-you = Si no eres tú, no abras ese enlace. Otra persona conoce tu contraseña: elige una nueva.

remember-browser = { $days ->
    [one] No pedir esto en este navegador durante un día
   *[other] No pedir esto en este navegador durante { $days } días
}

lost-link = He perdido todo esto
lost-title = ¿Has perdido aquello con lo que inicias sesión?
lost-lead = { $hours ->
    [one] Puedes quitarlo de tu cuenta tras esperar una hora.
   *[other] Puedes quitarlo de tu cuenta tras esperar { $hours } horas.
}
lost-what-told = Te avisamos por correo cuando empieza la espera, cada día y cuando termina.
lost-what-stopped = Un clic en cualquiera de esos mensajes la detiene, y también iniciar sesión como siempre.
lost-what-hold = Después, las retiradas quedan retenidas un tiempo.
lost-submit = Enviarme un enlace para empezar
lost-back = Intentar iniciar sesión otra vez
lost-sent-title = Mira tu correo
lost-sent-lead = Te hemos enviado un enlace con el que empieza la espera.
recovery-start-title = Recuperar tu cuenta
recovery-start-lead = { $hours ->
    [one] Con esto empieza una espera de una hora. Después podrás quitar de tu cuenta todas las llaves de acceso, aplicaciones, teléfonos y códigos de recuperación.
   *[other] Con esto empieza una espera de { $hours } horas. Después podrás quitar de tu cuenta todas las llaves de acceso, aplicaciones, teléfonos y códigos de recuperación.
}
recovery-start-submit = Empezar a esperar
recovery-begun-title = La espera ha empezado
recovery-begun-lead = El { $ripe } te enviaremos un enlace con el que quitar lo que has perdido.
recovery-cancel-title = Detener la recuperación
recovery-cancel-lead = Alguien con tu contraseña quiere quitar lo que protege tu cuenta. Detenlo aquí.
recovery-cancel-submit = Detenerla
recovery-cancelled-title = La recuperación está detenida
recovery-cancelled-lead = Tu cuenta sigue como está. Si no la empezaste tú, alguien conoce tu contraseña y lee tu correo: cambia ambos.
recovery-finish-title = Quitar lo que has perdido
recovery-finish-lead = Esto quita de tu cuenta todas las llaves de acceso, aplicaciones, teléfonos y códigos de recuperación, y cierra todas las sesiones. Después inicia sesión con tu contraseña y añade otros.
recovery-finish-submit = Quitarlo todo
recovery-banner = Alguien está recuperando esta cuenta como si se hubiera perdido todo lo que la protege. El { $ripe } podrá quitarse.
notice-recovery-cancelled = La recuperación está detenida.
notice-log-in-to-enrol = Se ha quitado. Inicia sesión ahora y añade una llave de acceso o una aplicación.
mail-recovery-cancelled = La recuperación de tu cuenta se ha detenido. Sigue como está.
mail-recovered = Se han quitado todas las llaves de acceso, aplicaciones, teléfonos y códigos de recuperación de tu cuenta, porque se dieron por perdidos.
mail-recovery-asked-subject = Recupera tu cuenta de { $brand }
mail-recovery-asked-text = Alguien que conoce tu contraseña dice que ha perdido todo lo demás que protege tu cuenta de { $brand }. Si has sido tú, empieza aquí:
mail-recovery-asked-not-you = Si no has sido tú, no abras ese enlace. Otra persona conoce tu contraseña: elige una nueva.
mail-recovery-runs-subject = Se está recuperando tu cuenta de { $brand }
mail-recovery-runs-text = Desde el { $began } alguien con tu contraseña espera para quitar todas las llaves de acceso, aplicaciones, teléfonos y códigos de recuperación de tu cuenta de { $brand }. Podrá hacerlo a partir del { $ripe }.
mail-recovery-runs-not-you = Si no has sido tú, detenlo con un clic:
mail-recovery-runs-finish = Si has sido tú, la espera ha terminado:
