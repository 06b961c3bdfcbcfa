package inject

import "testing"

func TestParseMaps(t *testing.T) {
	list, err := parseMaps("555555554000-555555555000 r-xp 00001000 fe:00 123                        /tmp/a b (deleted)\n7ffff7fc1000-7ffff7fc3000 r-xp 00000000 00:00 0                          [vdso]\n7ffff7fc3000-7ffff7fc4000 rw-p 00000000 00:00 0\n")
	if err != nil || len(list) != 3 || list[0].path != "/tmp/a b (deleted)" || !list[0].executable || list[0].offset != 0x1000 || list[2].path != "" {
		t.Errorf("%+v, %v", list, err)
	}
	// Inodes of a tmpfs are small numbers, which also occur in the addresses. The lines are of proc_pid_maps(5).
	list, err = parseMaps("5612a0000000-5612a0001000 r-xp 00000000 00:1c 12                         /tmp/prog\n5612a0002000-5612a0003000 rw-p 00000000 00:1c 0 /tmp/a  b\n")
	if err != nil || len(list) != 2 || list[0].path != "/tmp/prog" || list[1].path != "/tmp/a  b" {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := parseMaps("x-y r-xp 0 0 0\n"); err == nil {
		t.Error("no error")
	}
}

func FuzzParseMaps(f *testing.F) {
	f.Add("555555554000-555555555000 r-xp 00001000 fe:00 123   /tmp/a\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseMaps(text)
		if err == nil {
			_, _ = hole(list, 0x555555554000, 1<<24)
		}
	})
}
