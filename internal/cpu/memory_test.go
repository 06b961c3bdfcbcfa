package cpu

import (
	"testing"
	"testing/fstest"
)

func TestFreeMemory(t *testing.T) {
	const meminfo = "MemTotal:       16316412 kB\nMemAvailable:    9129352 kB\nBuffers: 1 kB\n"
	const available = 9129352 << 10
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"no cgroup", map[string]string{"proc/meminfo": meminfo}, available},
		{"v2, no limit", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n", "sys/fs/cgroup/a/memory.current": "5000\n"}, available},
		{"v2", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "1000000\n", "sys/fs/cgroup/a/memory.current": "400000\n"}, 600000},
		{"v2, mostly files", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "1000000\n", "sys/fs/cgroup/a/memory.current": "990000\n",
			"sys/fs/cgroup/a/memory.stat": "anon 90000\nfile 900000\ninactive_file 800000\nactive_file 90000\n"}, 900000},
		{"v2, a parent in a container", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/not/visible\n", "sys/fs/cgroup/memory.max": "1000000\n", "sys/fs/cgroup/memory.current": "1000000\n"}, 1},
		{"v1", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/x\n", "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "1000000\n", "sys/fs/cgroup/memory/x/memory.usage_in_bytes": "600000\n",
			"sys/fs/cgroup/memory/x/memory.stat": "inactive_file 5\nactive_file 7\ntotal_inactive_file 60000\ntotal_active_file 40000\n"}, 500000},
		{"v1, no limit", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "600000\n"}, available},
		{"v1, no limit, and nothing else known", map[string]string{"proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "600000\n"}, 0},
		{"unknown", map[string]string{"proc/meminfo": "MemTotal: 5 kB\n"}, 0},
		{"not a number", map[string]string{"proc/meminfo": "MemAvailable: lots kB\n"}, 0},
		{"negative", map[string]string{"proc/meminfo": "MemAvailable: -5 kB\n"}, 0},
		{"another unit", map[string]string{"proc/meminfo": "MemAvailable: 5 MB\n"}, 0},
		{"too large", map[string]string{"proc/meminfo": "MemAvailable:  9999999999999999999999 kB\n"}, 0},
	} {
		root := fstest.MapFS{}
		for name, text := range c.files {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := freeMemory(root); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func FuzzFreeMemory(f *testing.F) {
	f.Add("MemAvailable:    9129352 kB\n", "1000", "-7", "inactive_file 9999999")
	f.Fuzz(func(t *testing.T, meminfo, limit, used, stat string) {
		file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
		root := fstest.MapFS{"proc/meminfo": file(meminfo), "proc/self/cgroup": file("0::/\n"),
			"sys/fs/cgroup/memory.max": file(limit), "sys/fs/cgroup/memory.current": file(used), "sys/fs/cgroup/memory.stat": file(stat)}
		if n := freeMemory(root); n < 0 {
			t.Errorf("%d bytes", n)
		}
	})
}
