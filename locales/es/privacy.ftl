### Lo que se guarda sobre una persona, y llevárselo.

account-data = Tus datos
data-title = Tus datos
data-lead = Descarga en un archivo todo lo que { $brand } guarda sobre ti.
data-what-account = Tu cuenta, tu perfil y lo que los protege
data-what-access = Dónde tienes la sesión abierta y qué aplicaciones tienen acceso
data-what-verification = Tu verificación: lo que rellenaste, tus documentos y lo que se decidió
data-what-events = Qué ha pasado con tu cuenta, y cuándo
data-not = Las contraseñas, los códigos y las claves no están incluidos: protegen tu cuenta y no se dan a nadie.
data-submit = Descargar
data-careful = Quien tenga este archivo sabrá mucho de ti. Guárdalo en un lugar seguro y no en un ordenador compartido.

mail-data-downloaded-subject = Se han descargado tus datos de { $brand }
mail-data-downloaded-text = Todo lo que { $brand } guarda sobre ti se ha descargado desde tu cuenta.
mail-data-downloaded-not-you = Si no has sido tú, elige otra contraseña cuanto antes. Así se cierran todas las sesiones:
