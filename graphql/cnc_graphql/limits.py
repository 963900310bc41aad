"""How much one request may ask for. Every figure is stated in the error that it causes."""

BODY_BYTES = 16_384
VARIABLE_BYTES = 8_192
NESTING = 32  # brackets, in the JSON body and in the document, before any parser sees them

TOKENS = 600
FRAGMENTS = 20
SPREADS = 60
DEPTH = 8
ALIASES = 15
ROOT_FIELDS = 10
SAME_FIELD = 5
DIRECTIVES_PER_NODE = 5
DIRECTIVES = 20
COST = 2_000

FIRST = 100  # default and greatest page
#: What a list counts as whose size the document does not say: one without pages, or one inside another list whose
#: `first` is left out. What such lists really hold is counted while they are answered.
USUAL_LIST = 10
ANSWERED_OBJECTS = 10_000  # of all lists of one answer
RANGE_BUCKETS = 2_000  # hours of a completeness or timeline range
SERIES_POINTS = 10_000  # stamps of one series
SERIES_VALUES = 100_000  # stamps x signals: keeps the answer below Lambda's 6 MB
SERIES_SIGNALS = 60

WALL_S = 2.0

# What a field costs beside its list factor; a read of many items counts as such. A leaf costs a tenth.
WEIGHTS = {"completeness": 5, "stateTimeline": 5, "series": 20, "watchMachine": 10}
