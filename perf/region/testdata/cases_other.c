/* A second source that includes the header: both share one state, so that its region nests in the other's. */
#include "roofline.h"

void other_source(void)
{
	roofline_start("other source");
	roofline_end("other source");
}
