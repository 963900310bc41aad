"""One Lambda function a folder; what is here runs first in each of them."""

import gc

#: A cold start makes some 100,000 objects that stay; the usual collector walks over them a hundred times and finds
#: nothing, for a sixth of the CPU of an import. `cnc.cloud.observability` sets it back once the handler is whole.
gc.set_threshold(1_000_000)
