### Correos sobre la verificación y los motivos que se comunican.

mail-verification-submitted-subject = Estamos revisando tu verificación de { $brand }
mail-verification-submitted-text = Hemos recibido tu solicitud del nivel { $tier } y la estamos revisando.
mail-verification-submitted-review = Normalmente no tarda más de { $span }. Te escribiremos en cuanto esté decidida.

mail-verification-approved-subject = Tu verificación de { $brand } está aprobada
mail-verification-approved-text = Hemos aprobado tu solicitud del nivel { $tier }. Las aplicaciones lo verán la próxima vez que las uses.
mail-verification-approved-opens = Ahora puedes permitir a las aplicaciones:
mail-verification-approved-until = El nivel es tuyo hasta el { $day }. Te avisaremos antes de que termine.

mail-verification-rejected-retry-subject = Vuelve a intentar tu verificación de { $brand }
mail-verification-rejected-retry-text = No hemos podido aprobar tu solicitud del nivel { $tier }:
mail-verification-rejected-retry-more = Puedes volver a intentarlo cuando quieras.
mail-verification-rejected-retry-button = Intentarlo de nuevo

mail-verification-rejected-final-subject = Tu verificación de { $brand } no ha sido aceptada
mail-verification-rejected-final-text = No podemos aprobar tu solicitud del nivel { $tier }, y una nueva no cambiaría nada:
mail-verification-rejected-final-more = Si crees que es un error, escribe a soporte.

mail-verification-expiring-subject = Tu verificación de { $brand } termina pronto
mail-verification-expiring-text = El nivel { $tier } de tu cuenta de { $brand } termina el { $day }. A partir de ese día las aplicaciones no podrán hacer lo que lo necesita.
mail-verification-expiring-more = Verifícate de nuevo antes de ese día y no se interrumpirá nada:

mail-verification-expired-subject = Tu verificación de { $brand } ha terminado
mail-verification-expired-text = El nivel { $tier } de tu cuenta de { $brand } ha terminado. Las aplicaciones ya no pueden hacer lo que lo necesita.
mail-verification-expired-more = Tu cuenta y lo que hay en ella siguen igual. Para recuperar el nivel, verifícate de nuevo:

mail-verification-suspended-subject = Tu verificación de { $brand } está suspendida
mail-verification-suspended-text = Tu verificación está suspendida mientras la examinamos. Hasta que se resuelva, tu cuenta cuenta como no verificada y las aplicaciones no pueden hacer lo que necesita verificación.
mail-verification-suspended-more = Puedes seguir iniciando sesión. Si tienes preguntas, escribe a soporte.

mail-verification-reinstated-subject = Tu verificación de { $brand } vuelve a contar
mail-verification-reinstated-text = Tu verificación ya no está suspendida. Tu cuenta tiene el nivel que tenía antes, salvo que haya terminado entretanto.

mail-verification-revoked-subject = Tu verificación de { $brand } ha sido retirada
mail-verification-revoked-text = Se ha retirado el nivel { $tier } de tu cuenta de { $brand }, con los niveles superiores. Las aplicaciones ya no pueden hacer lo que lo necesita.
mail-verification-revoked-more = Si tienes preguntas, escribe a soporte.

mail-verification-page = Ver tu verificación
mail-verification-again = Verificarme de nuevo

kyc-reason-doc_expired = El documento ha caducado. Usa uno que siga vigente.
kyc-reason-doc_unreadable = No se ha podido leer el documento. Haz la foto con buena luz, nítida y con las cuatro esquinas a la vista.
kyc-reason-doc_type_unsupported = No se admite este tipo de documento. Usa un pasaporte, un documento de identidad, un permiso de conducir o un permiso de residencia.
kyc-reason-doc_tampered = No hemos podido completar la comprobación.
kyc-reason-face_mismatch = La cara no se ha podido relacionar con el documento. Haz otra foto, sin gafas ni sombrero.
kyc-reason-liveness_failed = No hemos podido ver que hubiera una persona ante la cámara. Haz otra foto con buena luz.
kyc-reason-name_mismatch = El nombre que has dado no es el del documento. Escríbelo tal como figura en él.
kyc-reason-underage = No tienes la edad necesaria para este servicio.
kyc-reason-country_restricted = Este servicio no se ofrece donde vives.
kyc-reason-duplicate_identity = No hemos podido completar la comprobación.
kyc-reason-sanctions_review = No hemos podido completar la comprobación.
kyc-reason-poa_too_old = El justificante de domicilio es demasiado antiguo. Usa uno más reciente.
kyc-reason-abandoned = La solicitud no se terminó.
kyc-reason-consent_declined = No aceptaste la comprobación, así que no se pudo hacer.
kyc-reason-provider_error = Algo ha fallado por nuestra parte. Inténtalo de nuevo.
kyc-reason-other = No hemos podido completar la comprobación.
