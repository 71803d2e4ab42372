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

framework-title = Qué significa aquí la verificación
framework-lead = { $brand } verifica quién es cada persona, por niveles. A las aplicaciones que pueden saberlo se les dice qué nivel ha alcanzado alguien, con referencia a esta página.
framework-level = Nivel { $level }
framework-verified = Se comunica a las aplicaciones como verificado, con el nivel de garantía
framework-declared = Lo que dice la propia persona. A las aplicaciones no se les comunica nada de ello como verificado.
framework-proof-details = Nombre, fecha de nacimiento, nacionalidad y país de residencia
framework-proof-phone = Un número de teléfono, confirmado con un código
framework-proof-document = Un documento oficial con foto, examinado a partir de imágenes
framework-proof-selfie = El rostro, comparado con el documento
framework-proof-address = Un documento que muestre la dirección
framework-proof-funds = De dónde procede el dinero
framework-valid = O hasta que caduque un documento, si es antes, vale durante
framework-lasting = Termina cuando caduca uno de sus documentos.
framework-limits = Un nivel caducado, retirado o suspendido no se comunica a nadie. No se afirma ninguna equivalencia con un marco legal.
