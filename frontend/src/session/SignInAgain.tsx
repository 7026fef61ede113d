import { Trans, useLingui } from '@lingui/react/macro';
import { Dialog } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { Button } from '../ui/Button';
import { SignIn } from './SignIn';
import { becomeVisitor } from './session';

/** Over the page when the session ends in the middle of work: nothing typed underneath is lost. */
export default function SignInAgain() {
  const { t } = useLingui();
  return (
    <ModalOverlay
      isOpen
      isKeyboardDismissDisabled
      className="fixed inset-0 z-30 grid place-items-center overflow-y-auto bg-sunken/80 p-4"
    >
      <Modal className="w-full max-w-md rounded-sheet border border-line bg-sheet p-6 shadow-[0_12px_40px_var(--shadow)]">
        <Dialog aria-label={t`Sign in again`} className="outline-none">
          <p className="mb-4 text-small text-soft">
            <Trans>Your session has ended. Sign in again to go on; what you typed is still here.</Trans>
          </p>
          <SignIn />
          <Button look="quiet" className="mt-2" onPress={becomeVisitor}>
            <Trans>Leave instead</Trans>
          </Button>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
