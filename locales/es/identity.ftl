# Qué se cuenta a una aplicación de la identidad verificada, y qué significan los niveles de verificación.

consent-identity = Le gustaría conocer estos datos verificados
consent-identity-text = Proceden de la verificación de tu identidad, no de tu perfil.
identity-level = Que tu identidad está verificada
identity-level-text = Hasta qué nivel y cuándo
identity-evidence = Cómo se verificó tu identidad
identity-evidence-text = El tipo de documento, dónde y hasta cuándo vale, y quién lo comprobó; nunca una imagen suya ni su número
identity-given_name = Tu nombre de pila verificado
identity-given_name-text = Tal como figura en tu documento
identity-middle_name = Tu segundo nombre verificado
identity-middle_name-text = Tal como figura en tu documento
identity-family_name = Tu apellido verificado
identity-family_name-text = Tal como figura en tu documento
identity-birthdate = Tu fecha de nacimiento verificada
identity-birthdate-text = Tal como figura en tu documento
identity-nationalities = Tu nacionalidad verificada
identity-nationalities-text = Tal como figura en tu documento
identity-address = Tu dirección postal verificada
identity-address-text = Tal como la acreditaste
