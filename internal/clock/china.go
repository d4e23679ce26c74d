package clock

import "time"

// China is China's civil time: one zone, and no summer time.
var China = time.FixedZone("Asia/Shanghai", 8*60*60)
