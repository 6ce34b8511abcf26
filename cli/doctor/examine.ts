import { answerJson, answerText } from '../../modules/diagnosis/answer';
import { STEPS, type Step } from '../../modules/diagnosis/cause';
import { type Diagnosis, diagnose } from '../../modules/diagnosis/diagnose';
import type { DoctorOptions } from '../doctor';
import type { Outcome } from '../outcome';
import { DOCTOR_EXIT } from './exit';
import { gather } from './gather';

/** For another principal, nothing is signed or tried: what is left are the cluster, IAM and the database. */
const WITHOUT_LOGIN: readonly Step[] = ['endpoint', 'cluster', 'permission', 'database'];

const EXITS: Readonly<Record<Diagnosis['outcome'], number>> = {
  healthy: DOCTOR_EXIT.healthy,
  cause: DOCTOR_EXIT.cause,
  unexplained: DOCTOR_EXIT.unexplained,
  'not looked at': DOCTOR_EXIT.notLooked,
};

/** The whole look. @throws UserError */
export async function examine(options: DoctorOptions, ownToken: string | undefined): Promise<Outcome> {
  const facts = await gather(options, ownToken);
  const diagnosis = diagnose(facts, options.as === undefined ? STEPS : WITHOUT_LOGIN);
  return {
    text: (options.json ? answerJson : answerText)(diagnosis, facts),
    exit: EXITS[diagnosis.outcome],
  };
}
