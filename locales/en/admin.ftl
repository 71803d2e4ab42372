### Words of the set-up and of the console.

account-console = Console
account-console-text = You look after this installation.

## Set-up

setup-title = Set up
setup-lead = Nobody looks after this { $brand } yet. In three steps you become its owner.
setup-steps = Steps
setup-step = Step { $number } of 3
setup-step-account = Account
setup-step-passkey = Passkey
setup-step-own = Owner
setup-account-submit = Go on
setup-have-account = You have an account here already?
setup-login = Log in
setup-passkey = Owners log in with a passkey: a fingerprint, a face or a security key. It cannot be phished and there is no default password.
setup-passkey-link = Add a passkey
setup-prove = Show your passkey once more, so that it is certain that it is you.
setup-prove-link = Show the passkey
setup-own = Everything is in place. As owner you register apps, look after people and appoint others. The link you came by, and every other one, is used up by this.
setup-own-submit = Become the owner
setup-gone-title = This link is of no use any more
setup-gone = It was used, it has expired, or somebody owns this installation already.
setup-gone-serve = While there is no owner, a new one is printed whenever the server starts on an empty database.
setup-gone-role = Whoever has the command line can appoint an owner: karat user role add EMAIL owner
setup-gone-admin = To the console

## Frame

admin-console = Console
admin-rooms = Rooms of the console
admin-crumbs = Where you are
admin-room-overview = Overview
admin-room-people = People
admin-room-clients = Apps
admin-room-review = Verification
admin-room-proposals = Second looks
admin-room-roles = Roles
admin-room-audit = Audit log
admin-room-policy = Policy
admin-room-keys = Signing keys
admin-room-outbox = Outbox
admin-room-system = System

admin-role-owner = Owner
admin-role-client_admin = Client admin
admin-role-support = Support
admin-role-compliance = Compliance
admin-role-auditor = Auditor
admin-role-means-owner = Everything but deciding about identities.
admin-role-means-client_admin = Registers apps and changes them.
admin-role-means-support = Looks after people: sees neither secrets nor documents, can freeze and not unfreeze.
admin-role-means-compliance = Decides applications for a level, holds, unfreezing.
admin-role-means-auditor = Reads everything, changes nothing.

admin-actor-operator = command line
admin-actor-setup = set-up link
admin-actor-clock = the clock
admin-actor-rules = the rules

admin-prove = This takes a passkey, shown in the last minutes.
admin-prove-link = Show your passkey
admin-reason = Reason
admin-reason-hint = A few words. They stand in the audit log: no personal data.
admin-takes-two = A second person has to agree. What you ask for here waits for them.
admin-propose = Propose
admin-choose = Choose…
admin-any = Any
admin-show = Show
admin-everything = Everything
admin-newest = Newest
admin-further = Older
admin-you = you
admin-back = Back
admin-nothing = nothing
admin-person = Person
admin-role = Role
admin-since = Since
admin-time = Time
admin-about = About
admin-actor = Who
admin-act = Act
admin-from = From
admin-number = No.
admin-from-day = From day
admin-to-day = To day
admin-sieve = Filter
admin-meanwhile = Changed meanwhile
admin-meanwhile-means = What you typed still stands in the form below. Saving it now puts it in place of what is there.
admin-meanwhile-elsewhere = What was changed does not stand in this form: a secret, or whether it is switched on.
admin-theirs = Now
admin-yours = Typed
admin-refused-title = That was not done

## Overview

admin-waits = What waits
admin-no-codes = You have no recovery codes: if the passkey is lost, so is your way in.
admin-no-codes-link = Make some

## Second looks

admin-proposals-lead = The gravest acts, asked for by one person. They are done when a second one agrees.
admin-proposals-none = Nothing waits.
admin-grave-role = Change of a role
admin-grave-remove_authenticator = Removing somebody's authenticator
admin-grave-suspend = Suspending a person
admin-grave-reinstate = Reinstating a person
admin-grave-revoke_level = Taking a level back
admin-grave-export_person = Exporting what is held about a person
admin-grave-export_audit = Exporting the audit log
admin-proposed-by = Asked for by
admin-proposal-until = Waits until
admin-confirm = Agree, and do it
admin-decline = Decline
admin-withdraw = Take it back
admin-own-proposal = You asked for this: somebody else has to agree.
admin-role-gives = give
admin-role-takes = take

## Roles

admin-roles-lead = Who may do what. A change counts from the next click of whoever it is about.
admin-roles-held = Who has which role
admin-given-by = Given by
admin-roles-give = Give a role
admin-roles-take = Take a role
admin-roles-which = Whose, and which
admin-roles-change = Change roles
admin-roles-email-hint = Somebody with an account here.
admin-roles-meaning = What each role may

## Audit log

admin-audit-lead = Every act, in the order in which it was done. Each entry is chained to the one before.
admin-audit-verify = Check the chain
admin-audit-whole = { $count ->
    [one] The log is whole: one entry.
   *[other] The log is whole: { $count } entries.
}
admin-audit-broken = The log is not whole: entry { $entry } was changed or removed.
admin-audit-broken-next = Compare with the log of the server, and with an earlier export.
admin-audit-none = No entry fits.
admin-audit-entry = Entry { $number }
admin-audit-export = Export
admin-audit-export-lead = The whole log as JSON lines. That it was taken away is noted, too.
admin-audit-export-submit = Export the log
admin-request = Request
admin-hash = Chained as
admin-difference = What changed
admin-key = Key
admin-before = Before
admin-after = After

## People

admin-people-find = Find somebody
admin-people-find-hint = The beginning of an e-mail address, or a whole id.
admin-people-find-submit = Find
admin-people-none = Nobody fits.
admin-people-all = Everybody
admin-people-locked = Frozen by us
admin-people-frozen = Frozen by themselves
admin-people-held = On hold
admin-people-suspended = Suspended
admin-people-level-1 = Level 1
admin-people-level-2 = Level 2
admin-people-level-3 = Level 3
admin-next = Further
admin-first = Back to the beginning
admin-condition = Condition
admin-condition-active = in use
admin-condition-locked = frozen
admin-condition-frozen = frozen by its owner
admin-level = Level
admin-hold = Hold until
admin-held-until = On hold until
admin-account = Account
admin-id = Id
admin-email-proven = proven
admin-email-unproven = not proven
admin-changed = changed
admin-person-own = This is your own account. What changes it is for others to do.
admin-person-review = Applications and standing
admin-person-audit = What was done here
admin-locked-because = Frozen by us,
admin-frozen-own = The owner froze the account,
admin-condition-fine = The account can be used.
admin-freeze = Freeze the account
admin-freeze-means = Nobody gets in any more, sessions end, apps hear of it, and the person gets a mail.
admin-unfreeze = Unfreeze the account
admin-cannot-unfreeze = Your role can freeze and not unfreeze.
admin-sessions = Sessions
admin-sessions-none = Logged in nowhere.
admin-session-end = End
admin-sessions-end = End every session
admin-device = Device
admin-acr = Log-in
admin-begun = Begun
admin-seen = Last seen
admin-authenticators = Ways to log in
admin-authenticators-none = Nothing beside the password.
admin-remove-authenticator = Remove one
admin-remove-means = The person is logged out everywhere and told by mail, and what moves money waits.
admin-which = Which
admin-name = Name
admin-kind = Kind
admin-added = Added
admin-used = Last used
admin-holds = Holds
admin-holds-none = There were none.
admin-runs = runs
admin-hold-start = Start a hold
admin-hold-hours = Hours
admin-hold-hours-hint = Up to 720. Meanwhile nothing that moves money is granted.
admin-hold-lift = Lift holds
admin-hold-lift-means = Only those begun by hand. The others pass by themselves.
admin-consents = Apps they allowed
admin-consents-none = None.
admin-consent-withdraw = Withdraw
admin-person-export = Export what is held
admin-person-export-lead = Everything but secrets, as JSON. That it was taken away is noted.
admin-events = What happened
admin-events-none = Nothing yet.
admin-what = What
admin-app = App

## Apps

admin-clients-lead = Whoever lets people log in by this house, or acts for itself with its tokens.
admin-clients-find = Find an app
admin-clients-find-hint = Part of its name or id.
admin-clients-none = There is none.
admin-client-new = Register an app
admin-client-edit = Change
admin-client-register = Register
admin-client-kind-lead = What sort of app is it? Each has a form of its own.
admin-app-web = Web app
admin-app-single_page = Single-page app
admin-app-native = Native app
admin-app-service = Service
admin-app-means-web = On a server of its own, which keeps a secret.
admin-app-means-single_page = Runs in the browser alone, without a server that could keep a secret. Browsers cannot call the token endpoint from another site yet: it needs a small server of its own in between.
admin-app-means-native = Installed on phones or computers.
admin-app-means-service = A program that acts for itself and for no person.
admin-client-id = Client id
admin-client-id-hint = Short, and fixed for good: letters, digits, hyphens.
admin-client-name = Name
admin-client-name-hint = What people read when they log in.
admin-client-redirects = Redirect URIs
admin-client-redirects-hint-web = One a line, exactly as the app sends them: https://app.example/callback
admin-client-redirects-hint-single_page = One a line, exactly as the app sends them: https://app.example/
admin-client-redirects-hint-native = One a line: http://127.0.0.1/callback (any port), com.example.app:/callback, or an https link that the app claims
admin-client-redirect = Redirect URI
admin-client-after-logout = After log-out
admin-client-after-logout-hint = Where people may come back to, one a line.
admin-client-scope-hint = The widest it may ever ask for, separated by spaces.
admin-client-audience = Audience
admin-client-audience-hint = What its tokens are for, one a line. Empty: this house itself.
admin-client-backchannel = Back-channel log-out
admin-client-backchannel-hint = Is told when a session ends.
admin-client-method = Proves who it is by
admin-client-method-client_secret_basic = a secret in the HTTP header
admin-client-method-client_secret_post = a secret in the form
admin-client-public = nothing: it keeps no secret
admin-client-consent = Asks people for consent
admin-consent-rule-remembered = once, and remembers it
admin-consent-rule-always = at every log-in
admin-consent-rule-first_party = never: an app of our own house
admin-client-links = Links and looks
admin-client-accent = Colour
admin-client-accent-hint = Of the pages of its log-ins, as #1a56db. It is made darker or lighter where it could not be read.
admin-look = How people see it
admin-look-lead = On the pages of its log-ins, in the scheme that your browser shows now.
admin-look-accent = Its colour, as far as it can be read:
admin-logo = Logo
admin-logo-hint = PNG, JPEG or WebP, at most 256 KiB. It is kept at 192 pixels.
admin-logo-submit = Upload
admin-logo-remove = Remove the logo
admin-client-home = Home page
admin-client-verified = We know who is behind this app: show it as verified
admin-client-signed = ID tokens signed with
admin-client-grants = May use
admin-client-on = on
admin-client-off = off
admin-client-configured = in the configuration file
admin-client-configured-means = This app is kept in the configuration file: it is changed there, and the server restarted.
admin-client-acts = Secrets and switches
admin-client-acts-mean = After a rotation two secrets work, so that the app can change over. Only an app that is switched off can be removed.
admin-client-enable = Switch on
admin-client-disable = Switch off
admin-client-remove = Remove for good
admin-secret-rotate = Make another secret
admin-secret-once = The secret, shown this once
admin-secret-once-means = Put it where the app reads it. Only its hash is kept here.
admin-secret-both = The one before works beside it until the next rotation.
admin-client-test = Test the log-in
admin-client-test-lead = Sends a correct request as the app would, with PKCE and all of its scope.
admin-client-test-submit = Send a request
admin-client-test-fine = It would be let in.
admin-client-test-refused = It would be refused.
admin-client-test-go = Go through it as a person would (the answer goes to the app)
admin-snippets = For the app’s developers
admin-copy = Copy
admin-save = Save
admin-cancel = Cancel
admin-required = required
admin-not-required = not required
admin-strict = What holds without being asked for
admin-strict-pkce = PKCE with S256 is required.
admin-strict-exact = Redirect URIs are compared character by character.
admin-strict-rotation = Refresh tokens change at every use; one that is shown twice ends all of them.
admin-strict-short = Access tokens live for minutes.
admin-strict-secret = Its secret is made here, shown once and kept as a hash only.
admin-secrets-live = { $count ->
    [one] one secret
   *[other] { $count } secrets
}

## The house

admin-keys-lead = What tokens are signed with. Retired keys stay published until the last token they signed has expired.
admin-key-id = Key
admin-algorithm = Algorithm
admin-made = Made
admin-key-signs = signs
admin-key-published = published only
admin-key-until = until
admin-key-retire = Withdraw
admin-key-rotate = Rotate
admin-key-rotate-means = A new key signs at once; the old one stays published. Nobody is logged out.
admin-key-new = New { $algorithm } key

admin-outbox-lead = Mails, messages and calls to apps on their way. What they say is not shown.
admin-outbox-waiting = Waiting
admin-outbox-failed = Failed
admin-outbox-none = There is nothing.
admin-to = To
admin-written = Written
admin-attempts = Attempts
admin-outcome = Outcome
admin-next-attempt = next try
admin-retry = Try now

admin-newest-key = The youngest signing key was made
admin-health = Health
admin-answers = answers
admin-silent = silent
admin-database = Database
admin-ephemeral = Short-lived store
admin-outbox-count = in the outbox
admin-version = Version
admin-settings = Settings
admin-issuer = Issuer
admin-fresh-for = A passkey counts for
admin-second-person = Takes two people
admin-second-person-none = nothing
admin-audit-head = End of the audit log

admin-policy-lead = What each scope value takes. It stands in the configuration file and is changed there.
admin-demands = What is demanded
admin-demands-none = Nothing is demanded of any scope.
admin-scope = Scope
admin-max-age = Log-in at most
admin-waits-for = Also
admin-survives = also when expired
admin-waits-holds = waits for holds
admin-waits-lock = waits for locked settings
admin-only-in = only in
admin-not-in = not in
admin-explain = Explain a decision
admin-explain-lead = What somebody would be granted by an app, what not, and what would help. Nothing is changed.
admin-explain-person = Person (address or id)
admin-explain-client = App (client id)
admin-explain-scope = Scope
admin-explain-scope-hint = Left empty: all that the app may ask for.
admin-explain-acr = Log-in
admin-explain-acr-hint = As if they had logged in so.
admin-explain-strongest = The strongest they have
admin-explain-minutes = Minutes ago
admin-explain-submit = Explain
admin-explain-told = The decision
admin-explain-stands = Level { $level }
admin-granted = Granted
admin-withheld = Withheld
admin-why = Why
admin-remedy = What would help
admin-withheld-frozen = account frozen or app switched off
admin-withheld-not_registered = not registered for this app
admin-withheld-no_refresh = the app may not refresh
admin-withheld-region = country of residence
admin-withheld-tier = needs level
admin-withheld-hold = on hold until
admin-withheld-settings_locked = the person locked their settings
admin-withheld-acr = needs a log-in of
admin-withheld-too_old = log-in older than seconds:

## Said once after a form

error-admin-refused = Refused: { $detail }
error-admin-no-filter = There is no filter “{ $given }”. Nothing is shown.
error-admin-no-day = This is no day. Write it as 2026-11-22.
error-admin-days-turned = The last day comes before the first.
error-admin-no-place = This link leads to no place in the list. Begin again at its first page.
error-admin-no-hours = A whole number of hours, from 1 to 720.
error-admin-no-minutes = A whole number of minutes, up to a year.
error-admin-no-log-in = There is no such log-in here.
error-admin-no-level = There is no such level: 1, 2 or 3.
error-admin-no-logo = Choose a PNG, JPEG or WebP picture of at most 256 KiB and 2048 pixels on a side.
error-admin-changed-meanwhile = Nothing was saved: somebody else has changed it since you opened the form.
error-admin-client-taken = There is an app with this id already.
error-admin-no-person = Nobody has this address or id.
error-admin-no-client = There is no app with this id that is switched on.
error-admin-no-scope = This is no scope: words separated by spaces.
notice-admin-factor-needed = The console takes a second factor. Add one here first.
notice-admin-passkey-needed = This takes a passkey. Add one here first.
notice-admin-owner = You are the owner.
notice-admin-proposed = It waits for a second person.
notice-admin-confirmed = Done.
notice-admin-declined = It will not be done.
notice-admin-reason-needed = Nothing was done: say in a few words why.
notice-admin-own = Nothing was done: nobody does this to themselves.
notice-admin-same-eyes = Nothing was done: the second person has to be another than the first.
notice-admin-stale = Nothing was done: it was changed meanwhile.
notice-admin-role-given = The role is given.
notice-admin-role-taken = The role is taken.
notice-admin-frozen = The account is frozen: nobody gets in, and whoever was in is out.
notice-admin-unfrozen = The account can be used again.
notice-admin-sessions-ended = Ended.
notice-admin-authenticator-removed = It is removed, and the person has been told.
notice-admin-hold-started = The hold runs: money waits.
notice-admin-hold-lifted = The holds begun by hand are over.
notice-admin-consent-withdrawn = The app gets nothing of this person any more.
notice-admin-key-rotated = A new key signs from now on.
notice-admin-key-retired = The key is withdrawn.
notice-admin-retried = It is tried again now.
notice-admin-client-saved = The app is saved.
notice-admin-client-off = The app is switched off: it gets nothing any more.
notice-admin-client-on = The app is switched on.
notice-admin-client-removed = The app is removed, with everything people had allowed it.
notice-admin-nobody-found = Nobody has an account with this address.
