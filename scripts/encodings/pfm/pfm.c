/* Encode events with libpfm4: reads one event a line, e.g. "skx::L2_LINES_IN:ALL", and prints it with a tab and the codes:
 * for a core the config and config1 of perf_event_attr, for an uncore unit its register. An event that libpfm4 does not
 * know is printed with a tab, "error" and the cause. With the argument "list" it prints the names of all its PMUs, and with
 * "list PMU" every event and unit mask of that PMU. */
#include <stdio.h>
#include <string.h>
#include <perfmon/pfmlib_perf_event.h>

static void encode(const char *name)
{
	struct perf_event_attr attr = {.size = sizeof attr};
	pfm_perf_encode_arg_t perf = {.attr = &attr, .size = sizeof perf};
	int err = pfm_get_os_event_encoding(name, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT, &perf);
	if (err == PFM_SUCCESS) {
		printf("%s\t%#llx\t%#llx\n", name, (unsigned long long)attr.config, (unsigned long long)attr.config1);
		return;
	}
	pfm_pmu_encode_arg_t raw = {.size = sizeof raw};
	err = pfm_get_os_event_encoding(name, PFM_PLM0 | PFM_PLM3, PFM_OS_NONE, &raw);
	if (err == PFM_SUCCESS && raw.count > 0)
		printf("%s\t%#llx\t%#llx\n", name, (unsigned long long)raw.codes[0], 0ULL);
	else
		printf("%s\terror\t%s\n", name, pfm_strerror(err));
}

static void list(const char *want)
{
	pfm_pmu_info_t pmu = {.size = sizeof pmu};
	for (int p = 0; p < PFM_PMU_MAX; p++) {
		if (pfm_get_pmu_info(p, &pmu) != PFM_SUCCESS)
			continue;
		if (!want) {
			puts(pmu.name);
			continue;
		}
		if (strcmp(want, pmu.name))
			continue;
		for (int i = pmu.first_event; i != -1; i = pfm_get_event_next(i)) {
			pfm_event_info_t event = {.size = sizeof event};
			if (pfm_get_event_info(i, PFM_OS_PERF_EVENT, &event) != PFM_SUCCESS)
				continue;
			printf("%s::%s\n", pmu.name, event.name);
			for (int a = 0; a < event.nattrs; a++) {
				pfm_event_attr_info_t attr = {.size = sizeof attr};
				if (pfm_get_event_attr_info(i, a, PFM_OS_PERF_EVENT, &attr) == PFM_SUCCESS && attr.type == PFM_ATTR_UMASK)
					printf("%s::%s:%s\n", pmu.name, event.name, attr.name);
			}
		}
	}
}

int main(int argc, char **argv)
{
	char line[512];
	int err = pfm_initialize();
	if (err != PFM_SUCCESS) {
		fprintf(stderr, "initialize libpfm4: %s\n", pfm_strerror(err));
		return 1;
	}
	if (argc > 1) {
		list(argc > 2 ? argv[2] : NULL);
		return 0;
	}
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		encode(line);
	}
	return 0;
}
