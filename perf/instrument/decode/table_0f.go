package decode

// systemTable holds the integer and system opcodes of the maps 0F, 0F 38 and 0F 3A.
const systemTable = `
map 1
00./0 sldt =Ev2 sys
00./1 str =Ev2 sys
00./2 lldt -Ew priv
00./3 ltr -Ew priv
00./4 verr -Ew sys fk=z
00./5 verw -Ew sys fk=z
01.m./0 sgdt =M10 sys
01.m./1 sidt =M10 sys
01.m./2 lgdt -M10 priv
01.m./3 lidt -M10 priv
01./4 smsw =Ev2 sys
01./6 lmsw -Ew priv
01.m./7 invlpg ~M1 priv
01.m.f3./5 rstorssp +M8 sys shstk fk=cpazso
01.=c8.np monitor r=a,c,d priv
01.=c9.np mwait r=a,c priv
01.=ca.np clac priv
01.=cb.np stac priv
01.=d0.np xgetbv r=c w=a,d sys
01.=d1.np xsetbv r=a,c,d priv
01.=d5.np xend tsx sys
01.=d6.np xtest tsx fk=cpazso
01.=e8.np serialize sys
01.=e8.f3 setssbsy priv shstk
01.=e8.f2 xsusldtrk tsx sys
01.=e9.f2 xresldtrk tsx sys
01.=ea.f3 saveprevssp sys shstk fr=c
01.=ee.np rdpkru r=c w=a,d sys
01.=ef.np wrpkru r=a,c,d sys
01.=f8 swapgs priv
01.=f9.np rdtscp w=a,c,d sys
01.=fa.np monitorx r=a,c,d sys
01.=fb.np mwaitx r=a,b,c sys
01.=fc.np clzero refuse
02 lar +Gv Ev2 sys fk=z
03 lsl +Gv Ev2 sys fk=z
05 syscall ctl=syscall r=a,di,si,d,8,9,10 rw=a w=c,11 fr=cpazsodx fw=cpazsodx sys
06 clts priv
07 sysret refuse
08 invd priv
09.np wbinvd priv
09.f3 wbnoinvd priv
0b ud2 ctl=trap
0e femms refuse
0d.m./0 prefetch ~M1 pre
0d.m./1 prefetchw ~M1 pre
0d.m./2 prefetchwt1 ~M1 pre
0d.m./3 prefetch ~M1 pre
0d.m./4 prefetch ~M1 pre
0d.m./5 prefetch ~M1 pre
0d.m./6 prefetch ~M1 pre
0d.m./7 prefetch ~M1 pre
18.m./0 prefetchnta ~M1 pre
18.m./1 prefetcht0 ~M1 pre
18.m./2 prefetcht1 ~M1 pre
18.m./3 prefetcht2 ~M1 pre
18.m./4 nop ~Ev na
18.m./5 nop ~Ev na
18.m./6 nop ~Ev na
18.m./7 nop ~Ev na
18.r nop ~Ev na
19 nop ~Ev na
1a nop ~Ev na
1b nop ~Ev na
1c nop ~Ev na
1d nop ~Ev na
1e.f3.=fa endbr64
1e.f3.=fb endbr32
1e.f3.r./1 rdsspd|rdsspq +Ry shstk sys
1e nop ~Ev na
1f nop ~Ev na
20 mov =Rq Cq priv #a
21 mov =Rq Dq priv #a
22 mov =Cq Rq priv #a
23 mov =Dq Rq priv #a
30 wrmsr r=a,c,d priv
31 rdtsc w=a,d sys
32 rdmsr r=c w=a,d priv
33 rdpmc r=c w=a,d sys
34 sysenter refuse
35 sysexit refuse
37 getsec refuse
$cc 40 cmov +Gv Ev
$cc 80 j -Jz ctl=jcc
$cc 90 set =Eb
78.np vmread =Eq Gq priv #a
79.np vmwrite -Gq Eq priv #a
a0 push -fs imp=push opu
a1 pop =fs imp=pop opu sys
a2 cpuid rw=a,c w=b,d sys
a3 bt -Ev Gv fk=cpaso bits
a4 shld +Ev Gv Ib #sh
a5 shld +Ev Gv cl #sh
a8 push -gs imp=push opu
a9 pop =gs imp=pop opu sys
aa rsm refuse
ab bts +Ev Gv lk fk=cpaso bits
ac shrd +Ev Gv Ib #sh
ad shrd +Ev Gv cl #sh
ae.np.m./0 fxsave|fxsave64 =M512 sys x87
ae.np.m./1 fxrstor|fxrstor64 -M512 sys x87
ae.np.m./2 ldmxcsr -M4
ae.np.m./3 stmxcsr =M4
ae.np.m./4 xsave|xsave64 +Ms r=a,d sys
ae.np.m./5 xrstor|xrstor64 -Ms r=a,d sys
ae.np.m./6 xsaveopt|xsaveopt64 +Ms r=a,d sys
ae.np.m./7 clflush ~M1 sys
ae.66.m./6 clwb ~M1 sys
ae.66.m./7 clflushopt ~M1 sys
ae.f3.m./6 clrssbsy priv +M8 shstk #a
ae.f3.m./4 ptwrite -My sys
ae.f3.r./0 rdfsbase =Ry sys
ae.f3.r./1 rdgsbase =Ry sys
ae.f3.r./2 wrfsbase -Ry sys
ae.f3.r./3 wrgsbase -Ry sys
ae.f3.r./4 ptwrite -Ry sys
ae.f3.r./5 incsspd|incsspq -Ry sys shstk
ae.np.r./5 lfence sys
ae.=f0.np mfence sys
ae.=f8.np sfence sys
ae.66.r./6 tpause -Ry r=a,d fk=cpazso sys
ae.f2.r./6 umwait -Ry r=a,d fk=cpazso sys
ae.f3.r./6 umonitor -Rq sys
af imul +Gv Ev #a
b0 cmpxchg +Eb Gb rw=a lk #a
b1 cmpxchg +Ev Gv rw=a lk #a
b2.m lss refuse
b3 btr +Ev Gv lk fk=cpaso bits
b4.m lfs refuse
b5.m lgs refuse
b6 movzx =Gv Eb
b7 movzx =Gv Ew
b8.f3 popcnt =Gv Ev #a
b9 ud1 ~Gv ~Ev na ctl=trap
ba./4 bt -Ev Ib fk=cpaso
ba./5 bts +Ev Ib lk fk=cpaso
ba./6 btr +Ev Ib lk fk=cpaso
ba./7 btc +Ev Ib lk fk=cpaso
bb btc +Ev Gv lk fk=cpaso bits
bc.f3 tzcnt =Gv Ev #a
bc.np.66 bsf +Gv Ev #a
bd.f3 lzcnt =Gv Ev #a
bd.np.66 bsr +Gv Ev #a
be movsx =Gv Eb
bf movsx =Gv Ew
c0 xadd +Eb +Gb lk #a
c1 xadd +Ev +Gv lk #a
c3.np movnti =My Gy nt
c7.m./1 cmpxchg8b|cmpxchg16b +Mpair rw=a,d r=b,c lk fk=z
c7.np.m./3 xrstors|xrstors64 -Ms priv r=a,d
c7.np.m./4 xsavec|xsavec64 =Ms r=a,d sys
c7.np.m./5 xsaves|xsaves64 =Ms priv r=a,d
c7.np.66.r./6 rdrand =Rv #a sys
c7.np.66.r./7 rdseed =Rv #a sys
c7.f3.r./7 rdpid =Rq sys
c8-cf bswap +Zv
ff ud0 ~Gv ~Ev na ctl=trap
map 2
80.66.m invept -Gq M16 priv #a
81.66.m invvpid -Gq M16 priv #a
82.66.m invpcid -Gq M16 priv
f0.np.66.m movbe =Gv Mv
f1.np.66.m movbe =Mv Gv
f0.f2 crc32 +Gy Eb
f1.f2 crc32 +Gy Ev
f5.66.m wrussd|wrussq =My Gy priv shstk
f6.np.m wrssd|wrssq =My Gy sys shstk
f6.66 adcx +Gy Ey fr=c fk=c
f6.f3 adox +Gy Ey fr=o fk=o
f8.66.m movdir64b refuse
f8.f2.m enqcmd refuse
f8.f3.m enqcmds refuse
f9.np.m movdiri =My Gy nt
fc.np.m aadd +My Gy
fc.66.m aand +My Gy
fc.f3.m axor +My Gy
fc.f2.m aor +My Gy
`
