void my_sgemm(int layout { /* does not compile */
