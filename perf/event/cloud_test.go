package event

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestCloudCures names what to do in the cloud where the machine runs, and names no cloud elsewhere.
func TestCloudCures(t *testing.T) {
	for _, c := range []struct {
		vendor, product string
		has, hasNot     string
	}{
		{"Amazon EC2", "c5.xlarge", "c5.xlarge", "C4A"},
		{"Amazon EC2", "", ".metal", "C4A"},
		{"Google", "Google Compute Engine", "performanceMonitoringUnit", "EC2"},
		{"QEMU", "Standard PC", "pmu=on", "EC2"},
		{"", "", "pmu=on", "C4A"},
	} {
		root := fstest.MapFS{"sys/bus/event_source/devices": {Mode: 0o755 | 1<<31}}
		if c.vendor != "" {
			root["sys/class/dmi/id/sys_vendor"] = &fstest.MapFile{Data: []byte(c.vendor + "\n")}
			root["sys/class/dmi/id/product_name"] = &fstest.MapFile{Data: []byte(c.product + "\n")}
		}
		ok, reason, cure := probe{root: root, vm: "KVM"}.diagnose()
		if ok || !strings.Contains(reason, "exposes no PMU") || !strings.Contains(cure, c.has) || strings.Contains(cure, c.hasNot) {
			t.Errorf("%s %s: %q, cure %q", c.vendor, c.product, reason, cure)
		}
	}
}
