package decode

// vectorTable3 holds the vector opcodes of map 0F 3A, FMA4 among them.
const vectorTable3 = `
vector 3
00.66 v1:1 permq =Vx Wx Ib
00.66 e1:12 permq =Vx Wx Ib b8 nf
01.66 v1:1 permpd =Vx Wx Ib
01.66 e1:12 permpd =Vx Wx Ib b8 nf
02.66 v0 pblendd =Vx Hx Wx Ib e4
03.66 e0 alignd =Vx Hx Wx Ib b4 nf
03.66 e1 alignq =Vx Hx Wx Ib b8 nf
04.66 v0 permilps =Vx Wx Ib e4
05.66 v0 permilpd =Vx Wx Ib e8
04.66 e0 permilps =Vx Wx Ib b4 nf
05.66 e1 permilpd =Vx Wx Ib b8 nf
06.66 v0:1 perm2f128 =Vx Hx Wx Ib
08.66 l,v roundps =Vx Wx Ib e4
09.66 l,v roundpd =Vx Wx Ib e8
0a.66 l,v roundss =V16 H16 W4 Ib s
0b.66 l,v roundsd =V16 H16 W8 Ib s
08.np e0 rndscaleph =Vx Wx Ib b2 sae
08.66 e0 rndscaleps =Vx Wx Ib b4 sae
09.66 e1 rndscalepd =Vx Wx Ib b8 sae
0a.np e0 rndscalesh =V16 H16 W2 Ib s sae
0a.66 e0 rndscaless =V16 H16 W4 Ib s sae
0b.66 e1 rndscalesd =V16 H16 W8 Ib s sae
0c.66 l,v blendps =Vx Hx Wx Ib e4
0d.66 l,v blendpd =Vx Hx Wx Ib e8
0e.66 l,v pblendw =Vx Hx Wx Ib e2
0f.66 x,l,v,e palignr =Vx Hx Wx Ib e1 nf
14.66 l,v:0,e:0 pextrb =Ed1 V16 Ib
15.66 l,v:0,e:0 pextrw =Ed2 V16 Ib
16.66 l,v:0,e:0 pextrd|pextrq =Ey V16 Ib
17.66 l,v:0,e:0 extractps =Ed V16 Ib
18.66 v0:1 insertf128 =Vx Hx W16 Ib
18.66 e0:12 insertf32x4 =Vx Hx W16 Ib e4 nf
18.66 e1:12 insertf64x2 =Vx Hx W16 Ib e8 nf
19.66 v0:1 extractf128 =W16 Vx Ib
19.66 e0:12 extractf32x4 =W16 Vx Ib e4 n16
19.66 e1:12 extractf64x2 =W16 Vx Ib e8 n16
1a.66 e0:2 insertf32x8 =Vx Hx W32 Ib e4 nf
1a.66 e1:2 insertf64x4 =Vx Hx W32 Ib e8 nf
1b.66 e0:2 extractf32x8 =W32 Vx Ib e4 n32
1b.66 e1:2 extractf64x4 =W32 Vx Ib e8 n32
1d.66 v0 cvtps2ph =Wh Vx Ib
1d.66 e0 cvtps2ph =Wh Vx Ib e4 sae
1e.66 e0 pcmpud =Kg Hx Wx Ib b4
1e.66 e1 pcmpuq =Kg Hx Wx Ib b8
1f.66 e0 pcmpd =Kg Hx Wx Ib b4
1f.66 e1 pcmpq =Kg Hx Wx Ib b8
20.66 l,v:0,e:0 pinsrb =V16 H16 Ed1 Ib
21.66 l,v:0,e0:0 insertps =V16 H16 W4 Ib
22.66 l,v:0,e:0 pinsrd|pinsrq =V16 H16 Ey Ib
23.66 e0:12 shuff32x4 =Vx Hx Wx Ib b4 nf
23.66 e1:12 shuff64x2 =Vx Hx Wx Ib b8 nf
25.66 e0 pternlogd +Vx Hx Wx Ib b4
25.66 e1 pternlogq +Vx Hx Wx Ib b8
26.np e0 getmantph =Vx Wx Ib b2 sae
26.66 e0 getmantps =Vx Wx Ib b4 sae
26.66 e1 getmantpd =Vx Wx Ib b8 sae
27.np e0 getmantsh =V16 H16 W2 Ib s sae
27.66 e0 getmantss =V16 H16 W4 Ib s sae
27.66 e1 getmantsd =V16 H16 W8 Ib s sae
30.66 v0:0 !kshiftrb =Kg Ku Ib
30.66 v1:0 !kshiftrw =Kg Ku Ib
31.66 v0:0 !kshiftrd =Kg Ku Ib
31.66 v1:0 !kshiftrq =Kg Ku Ib
32.66 v0:0 !kshiftlb =Kg Ku Ib
32.66 v1:0 !kshiftlw =Kg Ku Ib
33.66 v0:0 !kshiftld =Kg Ku Ib
33.66 v1:0 !kshiftlq =Kg Ku Ib
38.66 v0:1 inserti128 =Vx Hx W16 Ib
38.66 e0:12 inserti32x4 =Vx Hx W16 Ib e4 nf
38.66 e1:12 inserti64x2 =Vx Hx W16 Ib e8 nf
39.66 v0:1 extracti128 =W16 Vx Ib
39.66 e0:12 extracti32x4 =W16 Vx Ib e4 n16
39.66 e1:12 extracti64x2 =W16 Vx Ib e8 n16
3a.66 e0:2 inserti32x8 =Vx Hx W32 Ib e4 nf
3a.66 e1:2 inserti64x4 =Vx Hx W32 Ib e8 nf
3b.66 e0:2 extracti32x8 =W32 Vx Ib e4 n32
3b.66 e1:2 extracti64x4 =W32 Vx Ib e8 n32
3e.66 e0 pcmpub =Kg Hx Wx Ib e1
3e.66 e1 pcmpuw =Kg Hx Wx Ib e2
3f.66 e0 pcmpb =Kg Hx Wx Ib e1
3f.66 e1 pcmpw =Kg Hx Wx Ib e2
40.66 l,v dpps =Vx Hx Wx Ib e4
41.66 l,v:0 dppd =V16 H16 W16 Ib e8
42.66 l,v mpsadbw =Vx Hx Wx Ib
42.66 e0 dbpsadbw =Vx Hx Wx Ib e2 nf
43.66 e0:12 shufi32x4 =Vx Hx Wx Ib b4 nf
43.66 e1:12 shufi64x2 =Vx Hx Wx Ib b8 nf
44.66 l,v,e pclmulqdq =Vx Hx Wx Ib
46.66 v0:1 perm2i128 =Vx Hx Wx Ib
4a.66 v0 blendvps =Vx Hx Wx Lx e4
4b.66 v0 blendvpd =Vx Hx Wx Lx e8
4c.66 v0 pblendvb =Vx Hx Wx Lx e1
50.66 e0 rangeps =Vx Hx Wx Ib b4 sae
50.66 e1 rangepd =Vx Hx Wx Ib b8 sae
51.66 e0 rangess =V16 H16 W4 Ib s sae
51.66 e1 rangesd =V16 H16 W8 Ib s sae
54.66 e0 fixupimmps +Vx Hx Wx Ib b4 sae
54.66 e1 fixupimmpd +Vx Hx Wx Ib b8 sae
55.66 e0 fixupimmss +V16 H16 W4 Ib s sae
55.66 e1 fixupimmsd +V16 H16 W8 Ib s sae
56.np e0 reduceph =Vx Wx Ib b2 sae
56.66 e0 reduceps =Vx Wx Ib b4 sae
56.66 e1 reducepd =Vx Wx Ib b8 sae
57.np e0 reducesh =V16 H16 W2 Ib s sae
57.66 e0 reducess =V16 H16 W4 Ib s sae
57.66 e1 reducesd =V16 H16 W8 Ib s sae
$fma4 5c fmaddsub
$fma4 5e fmsubadd
$fma4 68 fmadd scalar
$fma4 6c fmsub scalar
$fma4 78 fnmadd scalar
$fma4 7c fnmsub scalar
60.66 l,v:0 pcmpestrm -V16 W16 Ib r=a,d wx0 #a
61.66 l,v:0 pcmpestri -V16 W16 Ib r=a,d w=c #a
62.66 l,v:0 pcmpistrm -V16 W16 Ib wx0 #a
63.66 l,v:0 pcmpistri -V16 W16 Ib w=c #a
66.np e0 fpclassph =Kg Wx Ib b2
66.66 e0 fpclassps =Kg Wx Ib b4
66.66 e1 fpclasspd =Kg Wx Ib b8
67.np e0 fpclasssh =Kg W2 Ib s
67.66 e0 fpclassss =Kg W4 Ib s
67.66 e1 fpclasssd =Kg W8 Ib s
70.66 e1 pshldw =Vx Hx Wx Ib e2
71.66 e0 pshldd =Vx Hx Wx Ib b4
71.66 e1 pshldq =Vx Hx Wx Ib b8
72.66 e1 pshrdw =Vx Hx Wx Ib e2
73.66 e0 pshrdd =Vx Hx Wx Ib b4
73.66 e1 pshrdq =Vx Hx Wx Ib b8
c2.np e0 cmpph =Kg Hx Wx Ib b2 sae
c2.f3 e0 cmpsh =Kg H16 W2 Ib s sae
cc.np l sha1rnds4 +V16 W16 Ib
ce.66 l,v1 gf2p8affineqb =Vx Hx Wx Ib e8
ce.66 e1 gf2p8affineqb =Vx Hx Wx Ib b8/1 nf
cf.66 l,v1 gf2p8affineinvqb =Vx Hx Wx Ib e8
cf.66 e1 gf2p8affineinvqb =Vx Hx Wx Ib b8/1 nf
df.66 l,v:0 aeskeygenassist =V16 W16 Ib
f0.f2 v:0 !rorx =Gy Ey Ib
`
