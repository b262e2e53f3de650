"""Sentences as families write them, by language: some tell of danger, some only sound like it."""

from __future__ import annotations

from collections.abc import Iterator

OF_DANGER = """
[en]
she said she wanna die
he wants 2 die
my son says he wants to kill him self
she is cutting her self
she is talking about sucide
he told me he is sucidal
she was hurting her self
he tried to hang himself
he wants to take his own life
she took a bottle of pills
he does not want to be here anymore
dont wanna live no more
he said everybody would be better without him and he wants to die
she feels like dying / wishes she were dead
I want to end it
kill my self
kys
He hit my daughter and left bruises
my husband hit me
Her stepdad touches her
he was molested
my boyfriend is beating us
She got raped
he is sexually abusing her
sexual abuse
Someone is threatening to shoot the kids
he has a knife in his bag
he said he will shoot everyone tomorrow
he's bringing a gun tmrw
he is gonna stab someone
[es]
mi hijo se quiere suicidar
dice que ya no quiere vivir
Mi hija se corta los brasos
se esta cortando
me quiero morir
se quiere morir
quiere quitarce la vida
se tomo muchas pastillas
se intento matar
se quiso matar
se ahorco
el papa le pego a mi hija
mi esposo me golpeo
lo violaron
fue violada
abuso sexual
abusó de ella
su padrastro la manosea
trae una pistola
va a traer un arma
los va a matar a todos
amenazó con disparar
[pt]
ela quer se matar
ele disse que não quer viver
não quero mais viver
meu filho se corta
ela está se cortando
o pai bateu nela
ele abusou da minha filha
foi estuprada
ele tem uma arma
[ht]
li vle touye tèt li
mwen vle mouri
pitit mwen vle touye tèt li
li pa vle viv ankò
yo vyole l
papa l ap bat li
li gen yon zam
li gen yon revolvè
[ru]
он хочет покончить с собой
она говорит что покончит с собой
он думает о самоубийстве
она не хочет больше жить
она режет себя
муж бьет меня
отчим бьёт её
его избивают
у него пистолет
он принес нож
изнасиловали
[vi]
con tôi muốn tự tử
con toi muon chet
nó bị đánh đập
nó có súng
con bé bị xâm hại tình dục
cháu không muốn sống nữa
[zh]
孩子说不想活了
他想自杀
我不想活了
她割腕
他爸爸打她
老师打孩子
她被性侵
有人带枪
[ko]
아이가 죽고 싶대요
죽고싶다고 해요
자살 생각
살기 싫대요
아빠가 때려요
아동학대
총을 가지고
칼을 가져왔어요
[ar]
ابني يريد ان يموت
ابنتي تريد أن تموت
يفكر في الانتحار
حاولت الانتحار
قال انه سينتحر
لا يريد ان يعيش
ولدي معه مسدس
معه سكينًا
بسلاح
زوجي يضربني
ابوها يضربها
تحرش بها
تعرضت للتحرش
تعرضت للاغتصاب
[ur]
وہ خودکشی کرنا چاہتا ہے
وہ مرنا چاہتی ہے
وہ جینا نہیں چاہتا
اس کے والد اسے مارتے ہیں
اس کے پاس بندوق ہے
خودكشي
[tl]
gusto na niyang mamatay
gusto nyang magpakamatay
ayaw na niyang mabuhay
sinasaktan siya ng tatay niya
binubugbog kami
may baril siya
nagpakamatay
ni-rape siya
[so]
wuxuu rabaa inuu is dilo
waxay tiri waan isdilayaa
waa la kufsaday
aabaheed ayaa garaaca
qori ayuu haystaa
bastoolad
"""
OF_EVERY_DAY = """
[en]
this homework kills me
This homework is killing me
Can you shoot him an email?
Please shoot her a text
He is dying to meet his new teacher
The bus hits traffic
She needs a glue gun for art class
bath bomb sale
Ana killed it on her test!
He wants to die his hair blue
dead tired
My phone died
He cut his hair himself
She hit a home run
he beats her at chess every time
The photo bomb was funny
I beat him to school
[es]
Disculpe la molestia, a que hora sale el bus?
No quiero molestarla, pero Ana esta enferma
Perdone que le moleste
vivimos a 5 kms de la escuela
la llamada se corta
el video se corta
se corta el pelo
¿Dónde se arma el proyecto?
la pluma se le violo
Ana toca el piano y lo toca muy bien
Bomberos visitaron
Es bien abusado mi hijo
me muero de hambre
esta tarea me mata
muero de la risa
la fiesta estuvo bomba
No recibio el mensaje
le pega el sol
[pt]
o ônibus me pega às 7
a tarefa está me matando
desculpe o incômodo
estou morrendo de fome
[ht]
mwen mouri grangou
[ru]
я умираю со смеху
эта домашка меня убивает
[vi]
từ từ thôi
bảo hành máy tính
buồn ngủ muốn chết
[zh]
想死你了
忙死了
累死我了
老师打电话给我
[ko]
숙제를 혼자해요
우리 아이는 혼자살아요
대학대신 직업학교
입학대기 명단
투자해 주세요
총 몇 명이에요
[ar]
السلام عليكم
متى ينتهي اليوم الدراسي
[ur]
السلام علیکم
تشدید
[tl]
salamat po, namatay ang cellphone ko
[so]
waad mahadsan tahay
"""


def sentences(block: str) -> Iterator[tuple[str, str]]:
    """Each sentence with the language of the heading above it."""
    language = ""
    for line in block.strip().splitlines():
        if line.startswith("["):
            language = line.strip("[]")
        else:
            yield language, line
