// Package tune looks for the best values of a kernel's parameters.
//
// Terms:
//
//	setting    values of the parameters of one kernel
//	candidate  a setting under trial
//	round      a turn of every candidate that is still in the race; after it the slower half drops out (successive halving)
//
// The search is quick and rough: it names a winner among many noisy candidates, which is more often lucky than good. So
// whether the winner is better than the default is not for it to say: a comparison of processes decides, and only what that
// finds faster is stored.
package tune
