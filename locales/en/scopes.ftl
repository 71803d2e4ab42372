### What apps ask for, and what stands in its way.

scope-trade-read = See your trades
scope-trade-read-text = Your orders, your positions and what they are worth
scope-trade-spot = Buy and sell for you
scope-trade-spot-text = Place and cancel orders in your name
scope-trade-margin = Trade on margin for you
scope-trade-margin-text = With borrowed money: you can lose more than you put in
scope-trade-futures = Trade futures for you
scope-trade-futures-text = Contracts that can lose more than you put in
scope-wallet-read = See your wallet
scope-wallet-read-text = Balances, addresses and transfers
scope-wallet-deposit = Make deposit addresses
scope-wallet-deposit-text = Where you can be sent crypto
scope-wallet-withdraw = Send crypto out of your account
scope-wallet-withdraw-text = Transfers cannot be taken back
scope-wallet-addressbook = Change your address book
scope-wallet-addressbook-text = Where your crypto may be sent
scope-fiat-deposit = Pay money in
scope-fiat-deposit-text = From your bank or card
scope-fiat-withdraw = Pay money out
scope-fiat-withdraw-text = To your bank account
scope-apikey-manage = Make and remove API keys
scope-apikey-manage-text = Programs that act for you
scope-account-security = Change what protects your account
scope-account-security-text = Passwords, passkeys and codes

unavailable-title = Not possible right now
unavailable-lead = Part of what the app asks for has to wait, or is not offered to you.
unavailable-region = Not offered where you live.
unavailable-settings-lock = You have locked your account’s settings.
unavailable-settings-lock-link = Unlock them
unavailable-hold = On hold after a change to your account.
unavailable-until = Not before { $until }.
unavailable-cause = What it began with:
unavailable-left = Time left:
unavailable-continue = Continue without it
unavailable-back = Back to the app
