"""Sentences that the built-in texts are made of, written for this purpose."""

from __future__ import annotations

ENGLISH = [
    "The ferry left the harbour ten minutes late, and nobody on the pier seemed to mind.",
    "Every afternoon the librarian sorts returned books by colour before she shelves them.",
    "If the pump stops again, close the left valve first and wait until the pressure falls.",
    "Our budget for travel has grown by 12.5% since March, mostly because of train fares.",
    "She couldn't remember whether the key was under the mat or in the neighbour's mailbox.",
    "A good map shows what is there; a better one also shows what you may safely leave out.",
    "The committee will publish its recommendations, including dissenting views, next spring.",
    "Rain fell on the orchard all night, yet the ladder, the baskets and the hats stayed dry.",
    '"Put the kettle on," said Grandfather, "and I\'ll tell you how the bridge was built."',
    "Researchers compared two methods of storing heat in sand, and both did surprisingly well.",
    "Please send the corrected invoice to the address below; we've already paid the deposit.",
    "Their oldest violin, repaired more than once, still has the warmest sound in the room.",
    "Nothing in the recipe explains why the dough must rest for exactly forty-three minutes.",
    "Turn right at the bakery, cross the square, and you'll see the workshop's green door.",
    "Software that is easy to change is usually software that somebody has changed before.",
    "The glacier has lost a third of its length within one lifetime, the survey concludes.",
    "I'd rather walk an hour along the river than sit twenty minutes in that crowded bus.",
    "Most of the letters were never answered, but he kept every one of them in a cigar box.",
    "When the lights went out, the orchestra simply went on playing from memory.",
    "Temperatures below freezing make the cable brittle, so handle it gently in winter.",
]

MULTILINGUAL = [
    # German, French, Spanish, Portuguese, Italian
    "Der Zug nach Norden hält heute ausnahmsweise auch an der kleinen Brücke hinter dem Wald.",
    "Für die Übergabe der Schlüssel genügt eine kurze Nachricht bis Donnerstagabend.",
    "Le boulanger ouvre plus tôt l'été, parce que les pêcheurs passent avant l'aube.",
    "On a retrouvé la carte au fond d'un tiroir, soigneusement pliée dans du papier bleu.",
    "La señora del tercer piso riega las plantas cada mañana antes de salir al trabajo.",
    "¿Quién dejó la ventana abierta durante la tormenta de anoche?",
    "O rio subiu tanto que a estação das barcas ficou fechada até sábado de manhã.",
    "Il falegname non ha fretta: dice che il legno decide da sé quando è pronto.",
    # Polish, Czech, Turkish, Finnish, Hungarian, Vietnamese
    "Na końcu ulicy stoi żółty dom, w którym dawniej mieściła się szkoła muzyczna.",
    "Příští týden přijede strýc a přiveze dvě bedny jablek ze své zahrady.",
    "Çarşıdaki saatçi, bozuk saatleri dinleyerek neyin eksik olduğunu anlıyor.",
    "Järven jää kantaa jo hyvin, mutta laiturin vieressä kannattaa olla varovainen.",
    "A könyvtár előtti padon mindig ül valaki, még a leghidegebb napokon is.",
    "Bà cụ bán trà ở góc phố nhớ tên của tất cả khách quen trong hai mươi năm qua.",
    # Russian, Ukrainian, Greek
    "Мастер долго рассматривал старые часы и наконец сказал, что их ещё можно починить.",
    "Весной дорога к озеру размыта, поэтому почту привозят только по вторникам.",
    "Увечері на площі грає оркестр, і навіть голуби не поспішають відлітати.",
    "Το μικρό καράβι φεύγει στις έξι και γυρίζει πριν νυχτώσει, αν το επιτρέψει ο άνεμος.",
    # Arabic, Persian, Hebrew
    "يفتح الخباز دكانه قبل الفجر، ولا يغلقه إلا بعد أن يبيع آخر رغيف.",
    "وصلت الرسالة متأخرة ثلاثة أيام، لكنها كانت تستحق الانتظار.",
    "باغبان پیر هر روز صبح پیش از طلوع آفتاب درخت‌ها را آب می‌دهد.",
    "הרכבת האחרונה יוצאת בעוד רבע שעה, והתחנה כבר כמעט ריקה.",
    # Hindi, Bengali, Tamil, Thai
    "गाँव के पुराने कुएँ के पास बैठकर दादी हर शाम एक नई कहानी सुनाती हैं।",
    "कल से पुस्तकालय सुबह नौ बजे खुलेगा और शाम सात बजे बंद होगा।",
    "নদীর ধারে ছোট দোকানটিতে বিকেলবেলা গরম চা আর মুড়ি পাওয়া যায়।",
    "மழை நின்ற பிறகு குழந்தைகள் தெருவில் காகிதப் படகுகளை விட்டார்கள்.",
    "ร้านหนังสือเล็ก ๆ ริมคลองเปิดเฉพาะวันเสาร์และวันอาทิตย์เท่านั้น",
    # Georgian, Amharic, and one with emoji
    "მთის სოფელში თოვლი ადრე მოდის და გვიან დნება.",
    "ገበያው ቅዳሜ ጠዋት ይከፈታል፤ ሰዎች ከሩቅ ይመጣሉ።",
    "Bring snacks 🥨🍎, a torch 🔦 and good shoes 👟; we meet at 18:30 👩‍🚀🧑🏽‍🌾!",
]

CJK = [
    "渡船今天晚了十分钟才离开码头,岸上的人却一点也不着急。",
    "如果水泵再次停下,请先关闭左边的阀门,等压力降下来再检查。",
    "图书馆从下周起每天早上九点开门,周末也不例外。",
    "他把那封信读了三遍,然后小心地夹进了旧地图里。",
    "研究人员比较了两种储存热量的办法,结果都比预期的好。",
    "雨下了一整夜,果园裡的梯子和籃子卻都還是乾的。",
    "這座橋是祖父年輕時和鄰居們一起修好的。",
    "駅前のパン屋は、漁師たちのために夜明け前から店を開けている。",
    "会議の資料は木曜日までに送ってください。修正があれば早めに知らせます。",
    "古い時計を耳に当てて、職人はしばらく黙って音を聞いていた。",
    "カメラのバッテリーが切れたので、スマートフォンで写真を撮りました。",
    "雪がとけるまで、この道は車では通れません。",
    "골목 끝에 있는 작은 찻집은 토요일 오후에만 문을 연다.",
    "다음 주부터 도서관은 아침 아홉 시에 열고 저녁 일곱 시에 닫습니다.",
    "할아버지는 고장 난 시계 소리만 듣고도 무엇이 잘못되었는지 알았다.",
    "비가 그치자 아이들은 종이배를 접어 개울에 띄웠다.",
]
