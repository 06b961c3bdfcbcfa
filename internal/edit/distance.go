// Package edit tells how alike two names are, for hints at what was meant.
package edit

// Distance is the Levenshtein distance in bytes: insertions, deletions and substitutions cost 1.
func Distance(a, b string) int {
	row := make([]int, len(b)+1) // distances from a[:i] to every prefix of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
