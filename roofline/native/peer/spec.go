package peer

import (
	"fmt"
	"slices"
	"strings"
)

// Spec names a peer: its name, and if wanted the file of an own build and the kernel that it has to use.
type Spec struct {
	Name   string // openblas, blis or onednn
	File   string // "": what the dynamic linker finds
	Kernel string // value of OPENBLAS_CORETYPE or BLIS_ARCH_TYPE; "": the best one
}

// ParseSpec reads NAME[=FILE][@KERNEL].
func ParseSpec(text string) (Spec, error) {
	rest, kernel, forced := text, "", false
	if i := strings.LastIndexByte(text, '@'); i >= 0 && !strings.Contains(text[i:], "/") {
		rest, kernel, forced = text[:i], text[i+1:], true
	}
	name, file, own := strings.Cut(rest, "=")
	s := Spec{name, file, kernel}
	i := slices.IndexFunc(kinds, func(k *kind) bool { return k.name == name })
	switch {
	case i < 0:
		return s, fmt.Errorf("peer %q: no library is called so; use %s, with =FILE for a build of your own", text, strings.Join(Names(), ", "))
	case own && file == "":
		return s, fmt.Errorf("peer %q: the file is missing, e.g. %s=/opt/lib/%s", text, name, kinds[i].sonames[0])
	case forced && kernel == "":
		return s, fmt.Errorf("peer %q: the kernel behind @ is missing, e.g. openblas@SkylakeX or blis@skx", text)
	case forced && kinds[i].choose == "":
		return s, fmt.Errorf("peer %q: %s chooses its kernels itself; leave out @%s", text, name, kernel)
	case strings.ContainsAny(kernel, "= \t\x00"):
		return s, fmt.Errorf("peer %q: %q is no name of a kernel", text, kernel)
	}
	return s, nil
}

// String is the spec as ParseSpec reads it.
func (s Spec) String() string {
	text := s.Name
	if s.File != "" {
		text += "=" + s.File
	}
	if s.Kernel != "" {
		text += "@" + s.Kernel
	}
	return text
}

func (s Spec) kind() *kind {
	return kinds[slices.IndexFunc(kinds, func(k *kind) bool { return k.name == s.Name })]
}
