package decode

// x87Table holds D8 to DF. Flags: fcomi and relatives set ZF, PF, CF and clear the rest; fcmov reads one condition.
const x87Table = `
map 0 x87
d8.m./0 fadd -M4
d8.m./1 fmul -M4
d8.m./2 fcom -M4
d8.m./3 fcomp -M4
d8.m./4 fsub -M4
d8.m./5 fsubr -M4
d8.m./6 fdiv -M4
d8.m./7 fdivr -M4
d8.r./0 fadd +st sti
d8.r./1 fmul +st sti
d8.r./2 fcom -st sti
d8.r./3 fcomp -st sti
d8.r./4 fsub +st sti
d8.r./5 fsubr +st sti
d8.r./6 fdiv +st sti
d8.r./7 fdivr +st sti
d9.m./0 fld -M4
d9.m./2 fst =M4
d9.m./3 fstp =M4
d9.m./4 fldenv -M28 sys no66
d9.m./5 fldcw -M2
d9.m./6 fnstenv =M28 sys no66
d9.m./7 fnstcw =M2
d9.r./0 fld -sti
d9.r./1 fxch +st +sti
d9.=d0 fnop
d9.=e0 fchs
d9.=e1 fabs
d9.=e4 ftst
d9.=e5 fxam
d9.=e8 fld1
d9.=e9 fldl2t
d9.=ea fldl2e
d9.=eb fldpi
d9.=ec fldlg2
d9.=ed fldln2
d9.=ee fldz
d9.=f0 f2xm1
d9.=f1 fyl2x
d9.=f2 fptan
d9.=f3 fpatan
d9.=f4 fxtract
d9.=f5 fprem1
d9.=f6 fdecstp
d9.=f7 fincstp
d9.=f8 fprem
d9.=f9 fyl2xp1
d9.=fa fsqrt
d9.=fb fsincos
d9.=fc frndint
d9.=fd fscale
d9.=fe fsin
d9.=ff fcos
da.m./0 fiadd -M4
da.m./1 fimul -M4
da.m./2 ficom -M4
da.m./3 ficomp -M4
da.m./4 fisub -M4
da.m./5 fisubr -M4
da.m./6 fidiv -M4
da.m./7 fidivr -M4
da.r./0 fcmovb +st sti fr=c
da.r./1 fcmove +st sti fr=z
da.r./2 fcmovbe +st sti fr=cz
da.r./3 fcmovu +st sti fr=p
da.=e9 fucompp
db.m./0 fild -M4
db.m./1 fisttp =M4
db.m./2 fist =M4
db.m./3 fistp =M4
db.m./5 fld -M10
db.m./7 fstp =M10
db.r./0 fcmovnb +st sti fr=c
db.r./1 fcmovne +st sti fr=z
db.r./2 fcmovnbe +st sti fr=cz
db.r./3 fcmovnu +st sti fr=p
db.=e2 fnclex
db.=e3 fninit
db.r./5 fucomi -st sti #a
db.r./6 fcomi -st sti #a
dc.m./0 fadd -M8
dc.m./1 fmul -M8
dc.m./2 fcom -M8
dc.m./3 fcomp -M8
dc.m./4 fsub -M8
dc.m./5 fsubr -M8
dc.m./6 fdiv -M8
dc.m./7 fdivr -M8
dc.r./0 fadd +sti st
dc.r./1 fmul +sti st
dc.r./4 fsubr +sti st
dc.r./5 fsub +sti st
dc.r./6 fdivr +sti st
dc.r./7 fdiv +sti st
dd.m./0 fld -M8
dd.m./1 fisttp =M8
dd.m./2 fst =M8
dd.m./3 fstp =M8
dd.m./4 frstor -M108 sys no66
dd.m./6 fnsave =M108 sys no66
dd.m./7 fnstsw =M2
dd.r./0 ffree -sti
dd.r./2 fst =sti
dd.r./3 fstp =sti
dd.r./4 fucom -sti
dd.r./5 fucomp -sti
de.m./0 fiadd -M2
de.m./1 fimul -M2
de.m./2 ficom -M2
de.m./3 ficomp -M2
de.m./4 fisub -M2
de.m./5 fisubr -M2
de.m./6 fidiv -M2
de.m./7 fidivr -M2
de.r./0 faddp +sti st
de.r./1 fmulp +sti st
de.=d9 fcompp
de.r./4 fsubrp +sti st
de.r./5 fsubp +sti st
de.r./6 fdivrp +sti st
de.r./7 fdivp +sti st
df.m./0 fild -M2
df.m./1 fisttp =M2
df.m./2 fist =M2
df.m./3 fistp =M2
df.m./4 fbld -M10
df.m./5 fild -M8
df.m./6 fbstp =M10
df.m./7 fistp =M8
df.r./0 ffreep -sti
df.=e0 fnstsw =axw
df.r./5 fucomip -st sti #a
df.r./6 fcomip -st sti #a
`
