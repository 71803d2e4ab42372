### Lo que piden las aplicaciones, y lo que lo impide.

scope-trade-read = Ver tus operaciones
scope-trade-read-text = Tus órdenes, tus posiciones y lo que valen
scope-trade-spot = Comprar y vender por ti
scope-trade-spot-text = Poner y cancelar órdenes en tu nombre
scope-trade-margin = Operar con margen por ti
scope-trade-margin-text = Con dinero prestado: puedes perder más de lo que pones
scope-trade-futures = Operar con futuros por ti
scope-trade-futures-text = Contratos que pueden perder más de lo que pones
scope-wallet-read = Ver tu monedero
scope-wallet-read-text = Saldos, direcciones y transferencias
scope-wallet-deposit = Crear direcciones de depósito
scope-wallet-deposit-text = A donde pueden enviarte criptomonedas
scope-wallet-withdraw = Enviar criptomonedas desde tu cuenta
scope-wallet-withdraw-text = Las transferencias no se pueden deshacer
scope-wallet-addressbook = Cambiar tu libreta de direcciones
scope-wallet-addressbook-text = A dónde se pueden enviar tus criptomonedas
scope-fiat-deposit = Ingresar dinero
scope-fiat-deposit-text = Desde tu banco o tarjeta
scope-fiat-withdraw = Retirar dinero
scope-fiat-withdraw-text = A tu cuenta bancaria
scope-apikey-manage = Crear y quitar claves de API
scope-apikey-manage-text = Programas que actúan por ti
scope-account-security = Cambiar lo que protege tu cuenta
scope-account-security-text = Contraseñas, llaves de acceso y códigos

unavailable-title = Ahora no es posible
unavailable-lead = Una parte de lo que pide la aplicación tiene que esperar, o no se te ofrece.
unavailable-region = No se ofrece donde vives.
unavailable-settings-lock = Has bloqueado los ajustes de tu cuenta.
unavailable-settings-lock-link = Desbloquéalos
unavailable-hold = En espera tras un cambio en tu cuenta.
unavailable-until = No antes del { $until }.
unavailable-cause = Empezó por:
unavailable-left = Tiempo restante:
unavailable-continue = Continuar sin ello
unavailable-back = Volver a la aplicación
