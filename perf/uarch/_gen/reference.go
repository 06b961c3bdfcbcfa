package main

// reference is one of the JSON files; README.md here says what the fields mean.
type reference struct {
	Vendor             string
	Sources            []string
	Caveats            map[string]string
	CPUMap             []cpu `json:"cpu_map"`
	Microarchitectures map[string]uarch
}

type cpu struct {
	Vendor, Model, Stepping, Uarch, Name, Core, Implementer, Part string
	Family                                                        int
	ModelRegex                                                    string `json:"model_regex"`
}

type uarch struct {
	Name        string
	Info        string `json:"perfmon_info"`
	LinuxTable  string `json:"linux_table"`
	OracleCPUID string `json:"oracle_cpuid"`
	LibpfmPMU   string `json:"libpfm_pmu"`
	VectorBits  int    `json:"sve_vector_bits"`
	Notes       []string
	PMUs        []pmu
	Events      []event
}

type pmu struct {
	PMU    string
	Format map[string]string
	GP     int `json:"gp_counters_per_thread"`
	Fixed  int
}

// event leaves out what follows from the rest: perf_type from the PMU, field_config1 from the fields.
type event struct {
	Role, Name, PMU, Event, Umask, Rdwrmask, Config, Config1, Meaning, Source string
	Precision, Scale, Unit, Errata                                            string
	PerfName                                                                  *string `json:"perf_name"`
	Counters                                                                  *string
	Cmask, Inv, Edge                                                          uint64
	Config1Field                                                              string `json:"field_config1"`
	SysfsEvent                                                                string `json:"sysfs_event"`
	VendorEvent                                                               string `json:"vendor_event"`
	AltEvent                                                                  string `json:"alt_event"`
	WidthBits                                                                 int    `json:"width_bits"`
	Elements                                                                  *int
	FLOPs                                                                     optional `json:"flops_per_count"`
	Bytes                                                                     *int     `json:"bytes_per_count"`
	Suspect, Deprecated                                                       bool
	Caveats                                                                   []string
}

// optional tells a field that is null from one that is not there.
type optional struct {
	present bool
	text    string // as in JSON, without quotes
}

// UnmarshalJSON is called for null too.
func (o *optional) UnmarshalJSON(text []byte) error {
	o.present = true
	o.text = string(text)
	if n := len(o.text); n > 1 && o.text[0] == '"' {
		o.text = o.text[1 : n-1]
	}
	return nil
}
