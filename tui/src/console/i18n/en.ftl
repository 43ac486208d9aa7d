# Everything the console says in English.

app = Tachiai

# Screens
screen-connection = Connection
screen-home = Home
screen-approvals = Approvals
screen-elections = Elections

# The bar at the top
head-nobody = no staff certificate
head-connecting = connecting
head-live = up to date
head-age = as of { $age } ago
head-lost = no connection; as of { $age } ago
too-small = too small a screen
head-pending = asking
head-doing = working { $percent } %
looked = asked { $age } ago (r: ask again)
outdated = This is of { $age } ago; nothing newer comes: { $why }

role-commission = election commission
role-poll = polling place
role-reception = shelter reception
role-headquarters = disaster headquarters
role-trustee = trustee
role-auditor = auditor
role-agency = agency

# Ages
age-seconds = { $n } s
age-minutes = { $n } min
age-hours = { $h } h { $m } min
age-days = { $n } d

# Keys
key-move = choose
key-open = open
key-back = back
key-help = help
key-palette = commands
key-quit = quit
key-language = 日本語
key-theme = change colours
key-redraw = redraw the screen
key-retry = connect again now
key-profile = choose a profile
key-refresh = ask again
key-approve = approve
key-undo = take back
key-next-line = next line
key-submit = done
key-next-step = ask for the next step
key-read-on = read on
key-close = close
key-yes = do it
key-no = leave it

# Why a key does nothing
off-role = not with a certificate of { $role }
off-nobody = there is no connection
off-own = nobody approves what they asked for themselves
off-nothing = there is nothing to act on
off-approving = the approval is being sent; its result is awaited
off-busy = the request before is not answered yet
off-undo = nothing was done that could be taken back
off-no-step = there is no step left
off-missing = first: { $what }

# Popups
help-title = Help — { $screen }
help-screen = Keys of this screen
help-off = not now: { $why }
palette-title = Commands
palette-none = no such command
palette-hint = kana, romaji and kanji are all found
profile-title = Choose a profile
profile-ask = Where profile.toml is (in the folder that tachiaid staff add makes)
confirm-type = This cannot be undone. To approve, type { $word } and press Enter.
confirm-type-own = This cannot be undone. To do it, type { $word } and press Enter.
next-title = Ask for the next step?
confirm-more = ↓ { $n } more lines. Show them to the end (PgDn) to approve.
confirm-unread = Show it to the end before approving (PgUp, PgDn).
confirm-title = Approve?
failed-title = This could not be done
done-title = Done

# Connection
connection-none = Not connected yet.
connection-trying = Connecting to { $server }…
connection-wrong = No connection
connection-next = trying again in { $n } s
connection-profile = profile: { $path }
connection-what = What you can do
connection-step-profile = p … choose another profile (profile.toml)
connection-step-retry = r … connect again now
connection-step-admin = Without a certificate, have the administrator issue one: tachiaid staff add.

# Home
home-alerts = Emergency accesses (last 24 hours)
home-alert = { $time }  { $agency }  { $reason }
home-alert-read = read by the agency: { $n }
home-waiting = Waiting for approval
home-waiting-none = Nothing waits for approval.
home-waiting-line = { $id }  asked by { $by }  { $age } ago
home-waiting-yours = yours; another official approves it
home-elections = Elections
home-elections-none = There is no election yet.
home-turnout = online ballots that count { $counted } / electors { $electors }
home-next = Next: { $next }
home-events = Disasters and shelters
home-events-none = No disaster or drill is open.
home-event = { $present } present  { $shelters } shelters open
home-conflicts = { $n } conflicts
home-shelter = { $staying }/{ $capacity }
home-shelter-unknown = { $staying } (capacity unknown)
home-shelter-heads = about { $heads } heads
home-more = { $n } more
home-appliance = Appliance
home-appliance-ok = in order
home-broken = The appliance is BROKEN
home-appliance-warning = note
home-disk = disk { $used }% in use (writing stops at { $limit }%)  { $free } GB free
home-journals = { $n } journals, { $size } in all
home-checkpoint = signed up to entry { $size }
home-witnesses = cosigned by { $n }/{ $quorum } witnesses (of { $all })
home-clock = appliance's clock { $time }
home-clock-off = { $n } s apart from this terminal's clock
home-version = version { $version }

phase-draft = draft
phase-ceremony = ceremony
phase-open = voting
phase-online-closed = online closed
phase-poll-closed = poll closed
phase-tallying = counting
phase-tallied = counted
phase-published = published

authority-statutory = public office
authority-ordinance = referendum
authority-mock = MOCK
authority-special-zone = special zone

kind-disaster = disaster
kind-drill = DRILL
kind-open-school = open school
kind-lecture = lecture
kind-roll-call = roll call

state-open = open
state-crowded = crowded
state-full = full
state-closed = closed

# Approvals
approvals-none = Nothing waits for approval.
approvals-none-hint = When another official asks for something that cannot be undone, it is shown here.
approvals-loading = Asking what it says…
approvals-id = Request
approvals-by = Asked by
approvals-age = Since
approvals-what = What is asked
approvals-hash = What is signed
approvals-same = The official who asked sees the same text and the same value.
approvals-rows = lines { $first }–{ $last } of { $all } (PgUp, PgDn)
approvals-done = { $id } is approved.

# Elections
elections-title = Election
elections-phase = Phase
elections-closes = Poll closes

# One election
screen-election = Election
key-part = next part
part-steps = Steps
part-trustees = Trustees, witnesses
part-roll = Roll
part-turnout = Turnout
part-result = Result
election-loading = Asking how the election stands…
election-closes = online until { $online }, poll until { $poll }
election-fingerprint = Fingerprint for the notice
election-out = No longer a candidate: { $name } ({ $contest })
step-done = done
step-now = NOW
step-later = later
step-prepare = Prepare (roll and trustees)
step-ceremony = Make the key
step-open = Open
step-close-online = Close online voting
step-close-poll = Close the poll
step-statement = Sign the tally statement
step-count = Count
step-publish = Settle and publish the result
missing-roll = No roll is imported (tachiai election import-roll)
missing-trustees = No trustee is listed (tachiai election add-trustee)
missing-start = Once all trustees are listed, the ceremony is started (tachiai election ceremony)
missing-files = { $file } not handed in by { $names }
missing-early = Not before { $time }
missing-second = Another official has to approve { $id }
missing-officials = Two officials do this ({ $command }, then another one approves)
missing-papers = Papers are not counted: { $contests }
missing-lots = A lot has to be recorded: { $contests }
missing-witnesses = Waiting for these witnesses to cosign: { $names }
file-commit = round 1
file-deal = round 2
file-confirm = round 3
file-signature = signature
file-shares = shares
file-here = here
file-missing = -
trustees-none = No trustee is listed yet.
trustees-run = Run { $n } of the ceremony
witnesses-quorum = Witnesses ({ $n } must cosign)
witnesses-never = nothing cosigned
witnesses-size = cosigned { $n } of { $of } entries
roll-electors = { $n } on the electoral roll
roll-unqualified = { $n } who may not vote on the polling date
roll-declarations = { $n } declarations for early voting
roll-objections = { $n } objections
roll-undecided = { $n } of them undecided
roll-changes = { $n } changes since the import
turnout-none = The turnout is shown once voting is open, to the commission and auditors.
turnout-now = now
turnout-channels = online { $online }  early { $early }  day { $day }  absentee { $absentee }  entitled { $entitled }
turnout-hours = By hour
turnout-districts = By district, as of { $time }
turnout-few = too few electors to be shown
result-none = The result is shown after the count.
result-papers = The papers are not counted yet
result-lot = Equal votes: a lot has to be recorded
result-sums = valid { $valid }  blank { $blank } / otherwise invalid { $invalid }

# Disasters and shelters
screen-events = Disasters and shelters
screen-event = Shelters
screen-people = Find people
screen-person = Person
screen-conflicts = Conflicts
key-search = find
key-list = to the list
off-no-record = there is no record of this person yet
events-kind = Kind
events-title = Name
events-present = Present
events-shelters = Shelters
events-conflicts = Conflicts
event-loading = Asking how the shelters stand…
event-none = No shelter has been opened.
event-totals = { $present } present (shelters { $inside }, at home { $home }, vehicles { $vehicle })  65+ { $old }  0-5 { $small }
event-aside = { $n } on hold
event-doubles = up to { $n } who may be counted more than once
event-late = { $n } terminals with entries that have not come
event-district = District
event-shelter = Shelter
event-state = State
event-fill = Occupancy
event-staying = There
event-capacity = Capacity
event-heads = About
people-name = Name (kanji, kana, romaji)
people-hint = Type the beginning of the name and press Enter. Who was shown is recorded.
people-asking = Asking…
people-none = Nobody is found. People under protection are found by no search.
people-more = There are more: type more of the name.
people-where = Where
people-who = Name
people-nowhere = never checked in
people-unopened = (cannot be opened)
person-conflict = Conflict
person-history = All { $n } entries ({ $latest } latest)
person-handles = Handles
conflicts-none = There are no conflicts.
conflicts-entry = Entry { $n }
conflicts-where = Where
conflicts-when = When
conflicts-terminal = Terminal

# The appliance's journal
screen-journal = Audit
key-older = the 500 before
key-newer = the 500 after
journal-search = Filter
journal-count = { $found } among nos. { $first }–{ $last }
journal-older = o: the 500 before
journal-seq = No.
journal-at = Time
journal-kind = Kind
journal-by = By
journal-said = What it says

# Fields of a record
field-name = name
field-kana = kana
field-birth = birth
field-sex = sex
field-address = address
field-phone = phone
field-district = district
field-household = household
field-stay = stay
field-needs = needs
field-allergies = allergies
field-medication = medication
field-room = room
field-destination = destination
field-note = note
