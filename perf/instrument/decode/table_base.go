package decode

// baseTable holds the one-byte opcodes (map 0) but for x87. The columns are described at parseTable.
const baseTable = `
map 0
$alu 00 add #a lk
$alu 08 or  #a lk
$alu 10 adc #c lk
$alu 18 sbb #c lk
$alu 20 and #a lk
$alu 28 sub #a lk idiom
$alu 30 xor #a lk idiom
38 cmp -Eb Gb #a
39 cmp -Ev Gv #a
3a cmp -Gb Eb #a
3b cmp -Gv Ev #a
3c cmp -al Ib #a
3d cmp -ax Iz #a
50-57 push -Zu imp=push
58-5f pop =Zu imp=pop
63 movsxd =Gv Ed
68 push -Iu imp=push opu
69 imul =Gv Ev Iz #a
6a push -Isu imp=push opu
6b imul =Gv Ev Is #a
6c insb imp=ins1 rw=di r=d fr=d priv
6d insw|insd|insd imp=ins rw=di r=d fr=d priv
6e outsb imp=outs1 rw=si r=d fr=d priv
6f outsw|outsd|outsd imp=outs rw=si r=d fr=d priv
$cc 70 j -Jb ctl=jcc
80./0 add +Eb Ib #a lk
80./1 or  +Eb Ib #a lk
80./2 adc +Eb Ib #c lk
80./3 sbb +Eb Ib #c lk
80./4 and +Eb Ib #a lk
80./5 sub +Eb Ib #a lk
80./6 xor +Eb Ib #a lk
80./7 cmp -Eb Ib #a
81./0 add +Ev Iz #a lk
81./1 or  +Ev Iz #a lk
81./2 adc +Ev Iz #c lk
81./3 sbb +Ev Iz #c lk
81./4 and +Ev Iz #a lk
81./5 sub +Ev Iz #a lk
81./6 xor +Ev Iz #a lk
81./7 cmp -Ev Iz #a
83./0 add +Ev Is #a lk
83./1 or  +Ev Is #a lk
83./2 adc +Ev Is #c lk
83./3 sbb +Ev Is #c lk
83./4 and +Ev Is #a lk
83./5 sub +Ev Is #a lk
83./6 xor +Ev Is #a lk
83./7 cmp -Ev Is #a
84 test -Eb Gb #a
85 test -Ev Gv #a
86 xchg +Eb +Gb lk xlock
87 xchg +Ev +Gv lk xlock
88 mov =Eb Gb
89 mov =Ev Gv
8a mov =Gb Eb
8b mov =Gv Ev
8c mov =Ev2 Sw
8d.m lea =Gv ~M
8e mov =Sw Ev2
8f./0 pop =Eu imp=pop
90.np.xb0 nop
90.66.xb0 nop
90.f2.xb0 nop
90.f3.xb0 pause
90.xb1 xchg +Zv +ax
91-97 xchg +Zv +ax
98 cbw|cwde|cdqe rw=a
99 cwd|cdq|cqo r=a part=d
9b fwait x87
9c pushfw|pushf|pushf imp=push opu fr=cpazsodx
9d popfw|popf|popf imp=pop opu fk=cpazsodx
9e sahf r=a fk=cpazs
9f lahf rw=a fr=cpazs
a0 mov =al Ob
a1 mov =ax Ov
a2 mov =Ob al
a3 mov =Ov ax
a4 movsb imp=movs1 rw=si,di fr=d
a5 movsw|movsd|movsq imp=movs rw=si,di fr=d
a6 cmpsb imp=cmps1 rw=si,di fr=d #a
a7 cmpsw|cmpsd|cmpsq imp=cmps rw=si,di fr=d #a
a8 test -al Ib #a
a9 test -ax Iz #a
aa stosb imp=stos1 rw=di r=a fr=d
ab stosw|stosd|stosq imp=stos rw=di r=a fr=d
ac lodsb imp=lods1 rw=si,a fr=d
ad lodsw|lodsd|lodsq imp=lods rw=si part=a fr=d
ae scasb imp=scas1 rw=di r=a fr=d #a
af scasw|scasd|scasq imp=scas rw=di r=a fr=d #a
b0-b7 mov =Zb Ib
b8-bf mov =Zv Iv
c0./0 rol +Eb Ib #ro
c0./1 ror +Eb Ib #ro
c0./2 rcl +Eb Ib #rc
c0./3 rcr +Eb Ib #rc
c0./4 shl +Eb Ib #sh
c0./5 shr +Eb Ib #sh
c0./6 shl +Eb Ib #sh
c0./7 sar +Eb Ib #sh
c1./0 rol +Ev Ib #ro
c1./1 ror +Ev Ib #ro
c1./2 rcl +Ev Ib #rc
c1./3 rcr +Ev Ib #rc
c1./4 shl +Ev Ib #sh
c1./5 shr +Ev Ib #sh
c1./6 shl +Ev Ib #sh
c1./7 sar +Ev Ib #sh
c2 ret -Iw imp=pop ctl=ret
c3 ret imp=pop ctl=ret
c6./0 mov =Eb Ib
c6.=f8 xabort -Ib rw=a tsx sys
c7./0 mov =Ev Iz
c7.=f8 xbegin -Jz ctl=tx rw=a tsx sys
c8 enter no66 -Iw Ib imp=enter rw=bp
c9 leave no66 imp=leave r=bp w=bp,sp
ca retf refuse
cb retf refuse
cc int3 ctl=trap
cd int -Ib ctl=trap
cf iret refuse
d0./0 rol +Eb 1 #ro
d0./1 ror +Eb 1 #ro
d0./2 rcl +Eb 1 #rc
d0./3 rcr +Eb 1 #rc
d0./4 shl +Eb 1 #sh
d0./5 shr +Eb 1 #sh
d0./6 shl +Eb 1 #sh
d0./7 sar +Eb 1 #sh
d1./0 rol +Ev 1 #ro
d1./1 ror +Ev 1 #ro
d1./2 rcl +Ev 1 #rc
d1./3 rcr +Ev 1 #rc
d1./4 shl +Ev 1 #sh
d1./5 shr +Ev 1 #sh
d1./6 shl +Ev 1 #sh
d1./7 sar +Ev 1 #sh
d2./0 rol +Eb cl #ro
d2./1 ror +Eb cl #ro
d2./2 rcl +Eb cl #rc
d2./3 rcr +Eb cl #rc
d2./4 shl +Eb cl #sh
d2./5 shr +Eb cl #sh
d2./6 shl +Eb cl #sh
d2./7 sar +Eb cl #sh
d3./0 rol +Ev cl #ro
d3./1 ror +Ev cl #ro
d3./2 rcl +Ev cl #rc
d3./3 rcr +Ev cl #rc
d3./4 shl +Ev cl #sh
d3./5 shr +Ev cl #sh
d3./6 shl +Ev cl #sh
d3./7 sar +Ev cl #sh
d7 xlat imp=xlat r=b rw=a
e0 loopne -Jb ctl=count rw=c fr=z
e1 loope -Jb ctl=count rw=c fr=z
e2 loop -Jb ctl=count rw=c
e3 jrcxz -Jb ctl=count r=c
e4 in =al Ib priv
e5 in =axd Ib priv
e6 out -Ib al priv
e7 out -Ib axd priv
e8 call -Jz ctl=call imp=push
e9 jmp -Jz ctl=jmp
eb jmp -Jb ctl=jmp
ec in =al dx priv
ed in =axd dx priv
ee out -dx al priv
ef out -dx axd priv
f1 int1 ctl=trap
f4 hlt ctl=trap priv
f5 cmc fr=c fk=c
f6./0 test -Eb Ib #a
f6./1 test -Eb Ib #a
f6./2 not +Eb lk
f6./3 neg +Eb lk #a
f6./4 mul -Eb rw=a #a
f6./5 imul -Eb rw=a #a
f6./6 div -Eb rw=a #a
f6./7 idiv -Eb rw=a #a
f7./0 test -Ev Iz #a
f7./1 test -Ev Iz #a
f7./2 not +Ev lk
f7./3 neg +Ev lk #a
f7./4 mul -Ev r=a part=a,d #a
f7./5 imul -Ev r=a part=a,d #a
f7./6 div -Ev rw=a,d #a
f7./7 idiv -Ev rw=a,d #a
f8 clc fk=c
f9 stc fk=c
fa cli fk=x priv
fb sti fk=x priv
fc cld fk=d
fd std fk=d
fe./0 inc +Eb lk #i
fe./1 dec +Eb lk #i
ff./0 inc +Ev lk #i
ff./1 dec +Ev lk #i
ff./2 call -Eq ctl=icall imp=push
ff./3.m call refuse
ff./4 jmp -Eq ctl=ijmp
ff./5.m jmp refuse
ff./6 push -Eu imp=push
`
